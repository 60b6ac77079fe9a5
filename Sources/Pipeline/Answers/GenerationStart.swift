/// How a request was understood.
public struct GenerationStart: Sendable, Equatable {
  /// The model's name.
  public var model: String
  /// The template's name; empty when none was used.
  public var template: String
  /// The template's version; 0 when none was used.
  public var templateVersion: Int
  /// The profile's name; empty when none was used.
  public var profile: String
  /// Number of tokens in the prompt.
  public var promptTokens: Int
  /// The seed in use, given or drawn.
  public var seed: UInt64

  /// The start of an answer.
  public init(
    model: String, template: String, templateVersion: Int, profile: String = "", promptTokens: Int,
    seed: UInt64
  ) {
    self.model = model
    self.template = template
    self.templateVersion = templateVersion
    self.profile = profile
    self.promptTokens = promptTokens
    self.seed = seed
  }
}
