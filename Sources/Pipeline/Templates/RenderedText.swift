public import Tokens

/// What a template made of a conversation.
public struct RenderedText: Sendable, Equatable {
  /// A part of the text that has one origin.
  public struct Span: Sendable, Equatable {
    /// Byte offsets in the text.
    public var range: Range<Int>
    /// "template", or the variable: "messages[0].content", "bos_token".
    public var origin: String
    /// Byte offsets of what spells a control token but stays text, because a user wrote it.
    public var specialSpellings: [Range<Int>]

    /// A span and what in it looks like a control token.
    public init(range: Range<Int>, origin: String, specialSpellings: [Range<Int>] = []) {
      self.range = range
      self.origin = origin
      self.specialSpellings = specialSpellings
    }
  }

  /// The prompt.
  public var text: String
  /// The parts of the prompt, in order, without gaps.
  public var spans: [Span]
  /// With a model: what it would be fed, BOS included.
  public var tokens: [TokenID]

  /// A rendered prompt.
  public init(text: String, spans: [Span], tokens: [TokenID]) {
    self.text = text
    self.spans = spans
    self.tokens = tokens
  }
}
