import Inference
import Sampling
import Tokens

/// The engine's own state of one request; touched by its thread only.
final class RunningSequence<Cache: SequenceCache> {
  /// Order of arrival; also decides who gives way.
  let number: UInt64
  let request: GenerationRequest
  let stream: StreamState
  let promptCount: Int
  var sampler: any TokenSampler
  /// The prompt and what was generated.
  var tokens: [TokenID]
  /// What of `tokens` is computed; nil without a place.
  var cache: Cache?
  var generated = 0
  /// Positions that were computed for another sequence.
  var sharedPositions = 0
  /// Those of the prompt, when the sequence first got a place.
  var cachedPromptTokens = 0
  /// How the stop token was picked, for a request that asked.
  var stopTrace: SamplingTrace?

  private let arrival: ContinuousClock.Instant
  private var placed: ContinuousClock.Instant?
  private var firstToken: ContinuousClock.Instant?

  init(_ submission: Submission) {
    number = submission.number
    request = submission.request
    stream = submission.stream
    promptCount = submission.request.prompt.count
    sampler = submission.request.sampler
    tokens = submission.request.prompt
    arrival = submission.arrival
  }

  /// Positions computed.
  var computed: Int { cache?.count ?? 0 }
  /// Tokens that are not computed; at least one while the sequence runs.
  var remaining: Int { tokens.count - computed }
  /// Whether the next step gives a token rather than only another part of the prompt.
  var isDecoding: Bool { remaining == 1 }

  /// Positions that admission sets aside for the sequence, beside those it has.
  func reserved(contextLength: Int) -> Int {
    let wanted = request.maxTokens.map { max($0 - generated, 0) } ?? .max
    let end = min(tokens.count + min(wanted, Limits.reservedAnswer), contextLength)
    return max(end - computed, 0) + Limits.growth
  }

  func markPlaced() { if placed == nil { placed = .now } }

  func markToken() { if firstToken == nil { firstToken = .now } }

  func finish(_ reason: EngineFinish.Reason) -> EngineFinish {
    let now = ContinuousClock.now
    let placed = placed ?? now
    let firstToken = firstToken ?? now
    return EngineFinish(
      reason: reason, promptTokens: promptCount, cachedPromptTokens: cachedPromptTokens,
      generatedTokens: generated,
      timings: EngineTimings(
        queue: placed - arrival, prefill: firstToken - placed, decode: now - firstToken),
      trace: stopTrace)
  }
}
