public import Sampling

/// What a model card says about prompting and sampling; what is nil or empty it does not say.
public struct Profile: Sendable, Equatable {
  /// Where a profile comes from.
  public enum Origin: String, Sendable {
    /// Ships with Workbench.
    case builtIn = "built-in"
    /// A file in a plugin folder.
    case plugin
  }

  /// The name in requests.
  public var name: String
  /// Where it comes from.
  public var origin: Origin
  /// One-line description.
  public var summary = ""
  /// The address of the model card.
  public var source = ""
  /// Parts of the titles or file names of the models that get it, in lower case.
  public var models: [String] = []
  /// The name of the template.
  public var template: String?
  /// A template of its own, as Jinja, instead of a name.
  public var jinja: String?
  /// The system message of conversations without one.
  public var system: String?
  /// Texts that end an answer, in addition to the template's.
  public var stop: [String] = []
  /// The sampler settings.
  public var samplers: SamplerSettings?
  /// Maximum number of tokens to generate.
  public var maxTokens: Int?
  /// Whether white space is removed from both ends of an answer.
  public var strip: Bool?
  /// What the model itself writes before the answer, because the prompt does not have it.
  public var answerHead = ""
  /// Whether a prompt of its template ends with the start of the assistant's turn.
  public var addGenerationPrompt: Bool?
  /// Whether the tokenizer's BOS is put in front of a prompt of its template.
  public var addBOS: Bool?
  /// The file that it was read from.
  public var yaml = ""

  /// A profile that says nothing.
  public init(name: String, origin: Origin) {
    self.name = name
    self.origin = origin
  }
}
