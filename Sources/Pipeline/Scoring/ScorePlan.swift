import Engine
import Runtime
import Tokens

/// The engine's requests that together score what was asked for.
struct ScorePlan {
  /// What one request to the engine scores.
  struct Part {
    /// Tokens of the context's end that the texts come after.
    var contextTokens: Int
    var texts: [ScoringRequest.Text] = []
    /// Which continuations or windows the texts are.
    var indices: [Int] = []
  }

  let parts: [Part]
  /// The whole context.
  let context: [TokenID]
  /// What every request asks for.
  var topLogprobs: Int?
  var vocabularySize: Int?

  /// Continuations or windows.
  var texts: Int { parts.reduce(0) { $0 + $1.texts.count } }
  /// Tokens to score.
  var tokens: Int {
    parts.reduce(0) { sum, part in part.texts.reduce(sum) { $0 + $1.tokens.count - $1.firstScored } }
  }

  /// The request of a part.
  func request(_ part: Int) -> ScoringRequest {
    ScoringRequest(
      context: Array(context.suffix(parts[part].contextTokens)), texts: parts[part].texts,
      topLogprobs: topLogprobs, vocabularySize: vocabularySize)
  }

  /// Windows of a document, none of which shares its beginning with another.
  init(windows: [ScoringRequest.Text]) {
    context = []
    parts = [Part(contextTokens: 0, texts: windows, indices: Array(windows.indices))]
  }

  /// Continuations of one context.
  ///
  /// - Parameters:
  ///   - contextLength: Positions of a sequence.
  ///   - truncates: Whether a context that is too long loses its beginning, as much as each continuation needs.
  init(
    _ continuations: [[TokenID]], after context: [TokenID], contextLength: Int, truncates: Bool
  ) throws(WorkbenchError) {
    self.context = context
    // By how much of the context they keep: those that keep as much share its computation.
    var parts: [Int: Part] = [:]
    for (index, tokens) in continuations.enumerated() {
      let field = "continuations.continuations[\(index)]"
      guard !tokens.isEmpty else {
        throw WorkbenchError(
          .invalidArgument, "the continuation adds no token to the context; give it some text, or token ids",
          field: field)
      }
      // The last token is not run: nothing is wanted after it.
      let room = contextLength + 1 - tokens.count
      guard room > 0 else {
        throw WorkbenchError(
          .outOfRange,
          "the continuation has \(tokens.count) tokens, but at most \(contextLength) can be scored after a context",
          field: field)
      }
      guard truncates || context.count <= room else {
        throw WorkbenchError(
          .outOfRange,
          "the context has \(context.count) tokens and the continuation \(tokens.count), but at most "
            + "\(contextLength + 1) can be scored together; shorten them, or set truncate_context",
          field: field)
      }
      let kept = min(context.count, room)
      parts[kept, default: Part(contextTokens: kept)].texts.append(ScoringRequest.Text(tokens))
      parts[kept, default: Part(contextTokens: kept)].indices.append(index)
    }
    self.parts = parts.sorted { $0.key > $1.key }.map(\.value)
  }
}
