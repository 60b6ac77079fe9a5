import Engine
import Inference
import ModelFormats
import Runtime
import Tokenizers

/// A scoring as it goes on: the engine's requests one after another, their scores with texts and sums.
///
/// The reader pulls: the engine runs ahead only by its own small buffer.
struct Scoring: AsyncSequence, Sendable {
  typealias Element = ScoreEvent
  typealias Failure = any Error

  let start: ScoreStart
  let plan: ScorePlan
  let engine: Engine<LanguageModel>
  /// Looked at with each score: some of the weights are read from it.
  let file: ModelFile
  let tokenizer: any Tokenizer
  /// Whether every token is reported.
  let details: Bool
  private let first: ScoreStream

  /// Submits the first of the engine's requests, so that a refusal is the caller's error.
  init(
    start: ScoreStart, plan: ScorePlan, engine: Engine<LanguageModel>, file: ModelFile,
    tokenizer: any Tokenizer, details: Bool
  ) throws {
    self.start = start
    self.plan = plan
    self.engine = engine
    self.file = file
    self.tokenizer = tokenizer
    self.details = details
    first = try engine.score(plan.request(0))
  }

  func makeAsyncIterator() -> Iterator { Iterator(self) }

  struct Iterator: AsyncIteratorProtocol {
    private let scoring: Scoring
    private var stream: ScoreStream
    private var part = 0
    /// The score that is being given, and how many of its tokens have been.
    private var current: (score: ContinuationScore, given: Int)?
    private var hasStarted = false
    private var isOver = false
    private var sums = ScoreFinish(tokens: 0, logprob: 0, cachedTokens: 0, queue: .zero, run: .zero)

    fileprivate init(_ scoring: Scoring) {
      self.scoring = scoring
      stream = scoring.first
    }

    mutating func next() async throws -> ScoreEvent? {
      guard hasStarted else {
        hasStarted = true
        return .start(scoring.start)
      }
      if let part = nextPart() { return .text(part) }
      if isOver { return nil }
      do {
        while true {
          let score = try await stream.next()
          try scoring.file.requireIntact()
          if let score {
            current = (take(score), 0)
            return nextPart().map { .text($0) }
          }
          try endPart()
          guard part + 1 < scoring.plan.parts.count else {
            isOver = true
            return .finish(sums)
          }
          part += 1
          stream = try scoring.engine.score(scoring.plan.request(part))
        }
      } catch {
        // Whatever failed, a file that has changed explains it.
        do { try scoring.file.requireIntact() } catch { throw WorkbenchError(wrapping: error) }
        throw WorkbenchError(wrapping: error)
      }
    }

    /// The score at hand, or as many of its tokens as one message takes; nil when all of it has been given.
    private mutating func nextPart() -> ContinuationScore? {
      guard let (whole, given) = current else { return nil }
      var score = whole
      var (end, bytes) = (given, 0)
      while end < score.scored.count, bytes < PipelineLimits.partBytes {
        bytes += score.scored[end].messageBytes
        end += 1
      }
      current = end < score.scored.count ? (score, end) : nil
      score.scored = Array(score.scored[given..<end])
      if current != nil {
        (score.tokens, score.logprob, score.isGreedy, score.isPartial) = (0, 0, false, true)
      }
      return score
    }

    private mutating func take(_ score: TextScore) -> ContinuationScore {
      let logprob = score.tokens.reduce(0.0) { $0 + Double($1.logprob) }
      sums.tokens += score.tokens.count
      sums.logprob += logprob
      return ContinuationScore(
        index: scoring.plan.parts[part].indices[score.index], tokens: score.tokens.count, logprob: logprob,
        isGreedy: score.tokens.allSatisfy(\.isLikeliest),
        scored: scoring.details ? score.tokens.map { ScoredToken($0, of: scoring.tokenizer) } : [])
    }

    private mutating func endPart() throws {
      guard let finish = stream.finish else {
        throw WorkbenchError(.internal, "the engine ended a scoring without a reason")
      }
      guard finish.reason == .scored else {
        throw WorkbenchError(
          .resourceExhausted,
          "the KV cache is full: it does not hold the context and a continuation; load the model with a larger one"
        )
      }
      sums.cachedTokens += finish.cachedPromptTokens
      sums.queue += finish.timings.queue
      sums.run += finish.timings.prefill + finish.timings.decode
    }
  }
}
