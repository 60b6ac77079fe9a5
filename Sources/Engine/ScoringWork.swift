import Inference
import Sampling
import Tokens

/// The state of a scoring request; touched by the engine's thread only.
///
/// Texts are begun and delivered in their order. A step may begin many, each in a fork of the context's cache, and may
/// cut the last of them.
final class ScoringWork<Cache: SequenceCache> {
  /// A text that is being run.
  final class TextRun {
    let index: Int
    /// The context's positions, then the text's own.
    let cache: Cache
    /// Tokens of the text that are computed.
    var computed = 0
    var scores: [TokenScore] = []

    init(index: Int, cache: Cache) {
      self.index = index
      self.cache = cache
    }
  }

  let request: ScoringRequest
  let stream: StreamState<TextScore>
  /// The longest text, in tokens that have to be run.
  let longest: Int
  /// Tokens of texts that have to be run and are not yet.
  private(set) var rowsLeft: Int
  /// The first text that was not begun.
  private(set) var next = 0
  /// The text that the last step cut.
  private(set) var cut: TextRun?
  /// Whether a text is scored from its first token on.
  private let scoresFirsts: Bool
  /// Scores of the texts' first tokens, by their index; nil until the context is computed.
  private var firsts: [TokenScore]?
  private var delivered = 0

  init(_ request: ScoringRequest, _ stream: StreamState<TextScore>) {
    self.request = request
    self.stream = stream
    rowsLeft = request.texts.reduce(0) { $0 + $1.rows }
    longest = request.texts.reduce(0) { max($0, $1.rows) }
    scoresFirsts = request.texts.contains { $0.firstScored == 0 }
  }

  /// Whether the distribution after the context is wanted, for the texts' first tokens.
  var wantsContextRow: Bool { firsts == nil && scoresFirsts }

  /// Whether every text was delivered.
  var isDone: Bool { delivered == request.texts.count }

  /// The first text from `index` on that has something to run.
  func runnable(from index: Int) -> Int? { request.texts[index...].firstIndex { $0.rows > 0 } }

  /// The rows of a piece of a text after which the next token is scored.
  func scoredRows(_ run: TextRun, count: Int) -> Range<Int> {
    let first = max(request.texts[run.index].firstScored - 1 - run.computed, 0)
    return min(first, count)..<count
  }

  /// Scores the first token of every text that wants it.
  func scoreFirsts(_ distribution: LogSoftmax) {
    let top = distribution.top(request.topLogprobs ?? 0, vocabularySize: request.vocabularySize)
    firsts = request.texts.map { text in
      var score = TokenScore(text[0], distribution, top: nil, vocabularySize: nil)
      score.top = top
      return score
    }
    deliverShort()
  }

  /// Scores the token of a text that follows the `row`th of its present piece.
  func score(_ run: TextRun, row: Int, _ distribution: LogSoftmax) {
    let token = request.texts[run.index][run.computed + row + 1]
    run.scores.append(
      TokenScore(token, distribution, top: request.topLogprobs, vocabularySize: request.vocabularySize))
  }

  /// Counts `count` more tokens of a text as computed, and delivers it if those were the last.
  func advance(_ run: TextRun, by count: Int) {
    run.computed += count
    rowsLeft -= count
    next = run.index + 1
    guard run.computed == request.texts[run.index].rows else {
      cut = run
      return
    }
    cut = nil
    deliver(run.index, run.scores)
    deliverShort()
  }

  /// Gives up the caches; a text that was cut begins anew.
  func dropCaches() {
    guard let run = cut else { return }
    rowsLeft += run.computed
    next = run.index
    cut = nil
  }

  /// Delivers the texts whose turn it is that have nothing to run.
  private func deliverShort() {
    while !isDone, request.texts[delivered].rows == 0 { deliver(delivered, []) }
  }

  private func deliver(_ index: Int, _ rest: [TokenScore]) {
    let first = request.texts[index].firstScored == 0 ? firsts?[index] : nil
    stream.push(TextScore(index: index, tokens: (first.map { [$0] } ?? []) + rest))
    delivered += 1
  }
}
