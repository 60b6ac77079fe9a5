public import Tokens

/// A text or token ids to continue.
public struct GenerateJob: Sendable {
  /// A prompt as text or as tokens.
  public enum Prompt: Sendable {
    /// A text; if `addBOS` is nil, the tokenizer's default applies.
    case text(String, parseSpecial: Bool, addBOS: Bool?)
    /// Token ids, used unchanged.
    case tokens([TokenID])
  }

  /// The model's name, reported at the start of the answer.
  public var model: String
  /// The prompt to continue.
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
