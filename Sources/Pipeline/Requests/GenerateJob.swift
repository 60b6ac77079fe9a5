public import Tokens

/// A text or token ids to continue.
public struct GenerateJob: Sendable {
  /// What is continued.
  public enum Prompt: Sendable {
    /// A text; `addBOS` nil: as the tokenizer does by default.
    case text(String, parseSpecial: Bool, addBOS: Bool?)
    /// Token ids, used unchanged.
    case tokens([TokenID])
  }

  /// The model's name, reported at the start of the answer.
  public var model: String
  /// What is continued.
  public var prompt: Prompt
  /// How to generate.
  public var options: GenerationOptions

  /// A request for a continuation.
  public init(model: String, prompt: Prompt, options: GenerationOptions) {
    self.model = model
    self.prompt = prompt
    self.options = options
  }
}
