/// The text that a template made of a conversation, and where each part of it came from.
public struct RenderedPrompt: Sendable, Equatable {
  /// The prompt.
  public let text: String
  /// The origins of the whole text, in order, without gaps and overlaps.
  public let spans: [PromptSpan]
  /// What the assistant wrote, where the template says so with `{% generation %}`; in UTF-8 bytes.
  public let generationSpans: [Range<Int>]

  /// Makes a prompt; `spans` must cover the text.
  public init(text: String, spans: [PromptSpan], generationSpans: [Range<Int>] = []) {
    self.text = text
    self.spans = spans
    self.generationSpans = generationSpans
  }

  /// The text in runs of equal trust: special tokens may be read out of trusted runs only.
  ///
  /// Neighbouring trusted spans are one run, since a token may be put together, as in `'<|' + role + '|>'`.
  public var runs: [(range: Range<Int>, isTrusted: Bool)] {
    var runs: [(range: Range<Int>, isTrusted: Bool)] = []
    for span in spans {
      if let last = runs.last, last.isTrusted == span.isTrusted {
        runs[runs.count - 1].range = last.range.lowerBound..<span.range.upperBound
      } else {
        runs.append((span.range, span.isTrusted))
      }
    }
    return runs
  }
}

/// A part of a prompt that has one origin.
public struct PromptSpan: Sendable, Equatable {
  /// The part of the text, in UTF-8 bytes.
  public let range: Range<Int>
  /// Whether special tokens may be read out of it.
  public let isTrusted: Bool
  /// Where it came from: `template`, a variable such as `bos_token`, or a path such as `messages[0].content`.
  public let source: String

  /// Makes a span.
  public init(range: Range<Int>, isTrusted: Bool, source: String) {
    self.range = range
    self.isTrusted = isTrusted
    self.source = source
  }
}
