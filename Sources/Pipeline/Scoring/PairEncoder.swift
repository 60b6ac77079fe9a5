import Runtime
import Tokenizers
import Tokens

/// Turns a context and its continuations into tokens.
///
/// The tokens of a continuation are those that it adds to the context: both are encoded together, and the context's
/// own tokens are left out. Spaces at the end of a context of text belong to its continuations, since most tokenizers
/// join a space to the word that follows it.
///
/// Source: `TemplateLM._encode_pair` of lm-evaluation-harness.
struct PairEncoder {
  /// What both are encoded with.
  typealias Encoding = (_ text: [UInt8]) throws -> [TokenID]

  /// Context and continuations as tokens.
  var context: [TokenID]
  var continuations: [[TokenID]] = []

  /// Continuations of a text.
  ///
  /// - Parameter field: The continuations' path in the request.
  init(
    context text: String, _ continuations: [ScoreJob.Text], movesSpaces: Bool, field: String, encode: Encoding
  ) throws {
    let split = movesSpaces ? text.endOfText : text.endIndex
    let before = Array(text[..<split].utf8)
    let spaces = Array(text[split...].utf8)
    try ScoringLimits.check(
      contextBytes: before.count + spaces.count, texts: continuations.compactMap(\.bytes), field: field)
    context = try encode(before)
    for (index, continuation) in continuations.enumerated() {
      switch continuation {
      case .tokens(let ids): self.continuations.append(ids)
      case .text(let text):
        guard !text.isEmpty else {
          throw WorkbenchError(
            .invalidArgument, "the continuation is empty; give it some text", field: "\(field)[\(index)]")
        }
        self.continuations.append(Array(try encode(before + spaces + text.utf8).dropFirst(context.count)))
      }
    }
  }
}

extension ScoreJob.Text {
  /// Bytes of a text; nil for token ids.
  fileprivate var bytes: Int? {
    if case .text(let text) = self { text.utf8.count } else { nil }
  }
}

extension String {
  /// The place behind the last character that Python's `str.rstrip` keeps.
  fileprivate var endOfText: Index {
    let scalars = unicodeScalars
    var end = scalars.endIndex
    while end > scalars.startIndex {
      let before = scalars.index(before: end)
      let scalar = scalars[before]
      // Python also counts the four information separators as spaces.
      guard scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value) else { break }
      end = before
    }
    return end
  }
}
