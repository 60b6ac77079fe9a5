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
  /// The part of the text, in UTF-8 bytes.
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
  /// What stood in `{% generation %}` blocks: the parts that the assistant wrote, in UTF-8 bytes.
  public let generationSpans: [Range<Int>]
  private let marks: [Mark]
  private let paths: OriginPaths

  init(_ interpreter: Interpreter) {
    text = String(decoding: interpreter.output.bytes, as: UTF8.self)
    generationSpans = interpreter.generations
    marks = interpreter.output.marks
    paths = interpreter.origins.paths
  }

  /// The origins of the whole text, in order, without gaps and overlaps; put together when asked for.
  public var spans: [Span] {
    var spans: [Span] = []
    spans.reserveCapacity(2 * marks.count + 1)
    var at = 0
    for mark in marks {
      if mark.start > at { spans.append(Span(range: at..<mark.start, origin: .template)) }
      spans.append(Span(range: mark.start..<mark.end, origin: paths.origin(mark.origin)))
      at = mark.end
    }
    let end = text.utf8.count
    if at < end { spans.append(Span(range: at..<end, origin: .template)) }
    return spans
  }

  /// Whether both have the same text with the same origins.
  public static func == (left: Rendered, right: Rendered) -> Bool {
    left.text == right.text && left.spans == right.spans && left.generationSpans == right.generationSpans
  }
}
