public import Tokens

/// A conversation as a template renders it.
public struct RenderedText: Sendable, Equatable {
  /// A part of the text that has one origin.
  public struct Span: Sendable, Equatable {
    /// Byte offsets in the text.
    public var range: Range<Int>
    /// "template", or the variable: "messages[0].content", "bos_token".
    public var origin: String
    /// Byte offsets of what looks like a control token but is treated as text, because it comes from a
    /// message.
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
  /// With a model: the tokens that it would receive, BOS included.
  public var tokens: [TokenID]

  /// A rendered prompt.
  public init(text: String, spans: [Span], tokens: [TokenID]) {
    self.text = text
    self.spans = spans
    self.tokens = tokens
  }
}

extension RenderedText {
  /// The same, if a message holds it: names of variables can be long, and stand at each of their parts.
  ///
  /// - Throws: `WorkbenchError` `outOfRange` if it is too large, `cancelled` when the caller is gone.
  func bounded() throws -> RenderedText {
    var answer = AnswerSize("renderedBytes", limit: PipelineLimits.renderedBytes)
    try answer.add(text.utf8.count + tokens.count * 5)
    for span in spans { try answer.add(24 + span.origin.utf8.count + span.specialSpellings.count * 16) }
    return self
  }

  /// Those of `ranges`, which are in order, that lie inside `span`; earlier ones are dropped, since the next span is behind
  /// this one.
  static func take(_ ranges: inout ArraySlice<Range<Int>>, in span: Range<Int>) -> [Range<Int>] {
    ranges = ranges.drop { $0.lowerBound < span.lowerBound }
    return ranges.prefix { $0.lowerBound < span.upperBound }.filter { $0.upperBound <= span.upperBound }
  }
}
