import Jinja
import Runtime
import Tokenizers
import Tokens

/// Turns a context and its continuations into tokens.
///
/// The tokens of a continuation are those that it adds to the context: both are encoded together, and the context's
/// own tokens are left out. Spaces at the end of a context of text belong to its continuations, since most tokenizers
/// join a space to the word that follows it. A chat's prompt keeps the tokens that its answers are generated after:
/// where the first of a continuation would be joined to the last of the prompt, the continuation is encoded alone.
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
  /// - Parameters:
  ///   - field: The continuations' path in the request.
  ///   - alone: How a continuation of a chat's prompt is encoded by itself; nil for other texts.
  init(
    context text: String, _ continuations: [ScoreJob.Text], field: String, encode: Encoding,
    alone: Encoding? = nil
  ) throws {
    let split = alone == nil ? text.endOfText : text.endIndex
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
        let both = try encode(before + spaces + text.utf8)
        let added =
          if let alone, !both.starts(with: context) { try alone(Array(text.utf8)) } else {
            Array(both.dropFirst(context.count))
          }
        self.continuations.append(added)
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
      guard UnicodeRules.isSpace(scalars[before]) else { break }
      end = before
    }
    return end
  }
}
