/// Where a piece of rendered text came from.
public enum Origin: Sendable, Equatable, Hashable {
  /// The template's own text, or something that it computed.
  case template
  /// A string that the caller vouches for, such as `bos_token`.
  case variable(String)
  /// A string of the context, with its path there, such as `messages[0].content`.
  case input(String)

  /// Whether special tokens may be read out of text of this origin.
  public var isTrusted: Bool {
    if case .input = self { false } else { true }
  }
}

/// A piece of rendered text that has one origin.
public struct Span: Sendable, Equatable {
  /// Where it stands, in UTF-8 bytes.
  public let range: Range<Int>
  /// Where it came from.
  public let origin: Origin

  /// Makes a span.
  public init(range: Range<Int>, origin: Origin) {
    self.range = range
    self.origin = origin
  }
}

/// What a template made of a context.
public struct Rendered: Sendable, Equatable {
  /// The text.
  public let text: String
  /// The origins of the whole text, in order, without gaps and overlaps.
  public let spans: [Span]
  /// What stood in `{% generation %}` blocks: the parts that the assistant wrote, in UTF-8 bytes.
  public let generationSpans: [Range<Int>]
}
