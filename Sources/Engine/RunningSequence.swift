import Inference
import Sampling
import Tokens

/// The engine's own state of one request; touched by its thread only.
final class RunningSequence<Cache: SequenceCache> {
  /// What is done after the prompt, or the context, is computed.
  enum Work {
    case generation(GenerationWork)
    case scoring(ScoringWork<Cache>)
  }

  /// Order of arrival; also decides who gives way.
  let number: UInt64
  let work: Work
  let stream: any StreamControl
  let promptCount: Int
  /// Whether its cache may be shared.
  let cacheable: Bool
  /// The prompt and what was generated, or the context of what is scored.
  var tokens: [TokenID]
  /// What of `tokens` is computed; nil without a place.
  var cache: Cache?
  /// Positions that were computed for another sequence.
  var sharedPositions = 0
  /// Those of the prompt, when the sequence first got a place.
  var cachedPromptTokens = 0

  private let arrival: ContinuousClock.Instant
  private var placed: ContinuousClock.Instant?
  private var firstToken: ContinuousClock.Instant?

  init(_ submission: Submission) {
    number = submission.number
    stream = submission.job.stream
    tokens = submission.job.prompt
    promptCount = tokens.count
    cacheable = submission.job.cacheable
    arrival = submission.arrival
    work =
      switch submission.job {
      case .generation(let request, let stream): .generation(GenerationWork(request, stream))
      case .scoring(let request, let stream): .scoring(ScoringWork(request, stream))
      }
  }

  /// Positions computed.
  var computed: Int { cache?.count ?? 0 }

  /// Tokens that the next steps may compute; at least one while the sequence runs.
  var remaining: Int {
    let own = tokens.count - computed
    if own == 0, case .scoring(let work) = work { return work.rowsLeft + (work.wantsContextRow ? 1 : 0) }
    return own
  }

  /// Whether the next step gives a token rather than only another part of the prompt.
  var isDecoding: Bool {
    if case .generation = work { remaining == 1 } else { false }
  }

  /// Whether it has neither generated nor delivered anything.
  var isFresh: Bool {
    if case .generation(let work) = work { work.generated == 0 } else { true }
  }

  /// Positions that may be taken from another cache: what gives logits has to be computed.
  var sharable: Int {
    switch work {
    case .generation(let work): work.sharable(of: tokens.count)
    // The row after the whole context is computed again beside the first texts.
    case .scoring: tokens.count
    }
  }

  /// Positions that admission sets aside for the sequence, beside those it has.
  func reserved(contextLength: Int) -> Int {
    let end: Int
    switch work {
    case .generation(let work):
      let wanted = work.request.maxTokens.map { max($0 - work.generated, 0) } ?? .max
      end = min(tokens.count + min(wanted, Limits.reservedAnswer), contextLength)
    case .scoring(let work):
      end = min(tokens.count + work.longest, contextLength)
    }
    return max(end - computed, 0) + Limits.growth
  }

  func markPlaced() { if placed == nil { placed = .now } }

  func markToken() { if firstToken == nil { firstToken = .now } }

  /// Gives up its place; what it computed is computed again when it gets another one.
  func dropCaches() {
    cache = nil
    if case .scoring(let work) = work { work.dropCaches() }
  }

  func finish(_ reason: EngineFinish.Reason) -> EngineFinish {
    let now = ContinuousClock.now
    let placed = placed ?? now
    let firstToken = firstToken ?? now
    var finish = EngineFinish(
      reason: reason, promptTokens: promptCount, cachedPromptTokens: cachedPromptTokens, generatedTokens: 0,
      timings: EngineTimings(
        queue: placed - arrival, prefill: firstToken - placed, decode: now - firstToken))
    if case .generation(let work) = work {
      finish.generatedTokens = work.generated
      finish.trace = work.stopTrace
    }
    return finish
  }
}
