public import Runtime
public import Tokens

/// Texts whose probabilities are wanted.
public struct ScoreJob: Sendable {
  /// A text, or token ids that are used unchanged.
  public enum Text: Sendable {
    /// A text.
    case text(String)
    /// Token ids.
    case tokens([TokenID])
  }

  /// What comes before continuations.
  public enum Context: Sendable {
    /// A text; spaces at its end belong to the continuations. Empty: the tokenizer's BOS, or EOS where it has none.
    case text(String)
    /// Token ids; at least one.
    case tokens([TokenID])
    /// Messages, rendered through a template.
    case chat(PromptInput, TemplateSource)
  }

  /// What is scored.
  public enum Input: Sendable {
    /// Several continuations of one context. `truncates`: what is too long loses the beginning of its context.
    case continuations([Text], after: Context, truncates: Bool)
    /// A text of any length, in windows: each token after those before it in its window.
    case document(Text, Windows)
  }

  /// How a document is cut.
  public struct Windows: Sendable {
    /// Positions of a window; nil: as many as the context holds.
    public var length: Int?
    /// Tokens that a window repeats from the one before as context; at least 1.
    public var overlap = 1
    /// What the first token is scored after; nil: BOS, or EOS where the tokenizer has none.
    public var first: TokenID?

    /// The longest windows, with the least overlap.
    public init() {}
  }

  /// The model's name, reported at the start.
  public var model: String
  /// What is scored.
  public var input: Input
  /// Whether special tokens in texts are parsed.
  public var parseSpecial = false
  /// Whether BOS is put before a context of text, or a document; nil: as the tokenizer says before a context, and none
  /// before a document.
  public var addBOS: Bool?
  /// Alternatives to report for each token; nil: only sums are reported.
  public var topLogprobs: Int?

  /// A request for scores.
  public init(model: String, input: Input) {
    self.model = model
    self.input = input
  }
}
