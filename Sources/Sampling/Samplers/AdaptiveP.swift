import Tokens

/// Adaptive-p: prefers candidates whose probability is near a target, which follows what was picked before.
///
/// Source: llama.cpp's adaptive-p (its pull request 17927): logit = 5 - 10 d² / (1 + d) with d the distance from the
/// target in units of 0.3; the target moves against a decaying mean of the picked tokens' original probabilities.
struct AdaptiveP: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var target: Float = -1
    var decay: Float = 0.9
  }

  static let name = "adaptive_p"
  static let summary = "Prefers candidates whose probability is near a target, and picks the token."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "adaptive_target", \.target, -1...1, off: -1,
      "The probability to aim for, usually 0.3 to 0.7; a negative value picks as 'dist' does."),
    .number(
      "adaptive_decay", \.decay, 0...0.99,
      "How much of its memory of past picks is kept from token to token; usually 0.9."),
  ]
  static let selectsToken = true

  private let values: Parameters
  private var weightedSum: Float
  private var totalWeight: Float
  private var original: [Float] = []
  private var pending: (token: TokenID, probability: Float)?
  private let initial: RandomSource
  private var random: RandomSource

  static func stage(_ parameters: Parameters, _ context: StageContext) -> (any SamplerStage)? {
    if let made = Self(parameters, context) { return made }
    return Distribution(seed: context.seed)
  }

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.target < 0 { return nil }
    values = parameters
    weightedSum = parameters.target / (1 - parameters.decay)
    totalWeight = 1 / (1 - parameters.decay)
    initial = RandomSource(seed: context.seed)
    random = initial
  }

  mutating func reset() {
    weightedSum = values.target / (1 - values.decay)
    totalWeight = 1 / (1 - values.decay)
    pending = nil
    random = initial
  }

  mutating func accept(_ token: TokenID) {
    if let pending, pending.token == token {
      weightedSum = pending.probability + values.decay * weightedSum
      totalWeight = 1 + values.decay * totalWeight
    }
    pending = nil
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try transform(&candidates)
    pick(&candidates, try candidates.draw(&random))
  }

  /// Replaces the logits, and remembers the probabilities that they had.
  mutating func transform(_ candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    original.removeAll(keepingCapacity: true)
    original.append(contentsOf: candidates.probabilities[..<candidates.count])
    let adapted = min(max(2 * values.target - weightedSum / totalWeight, 0), 1)
    candidates.replaceLogits { probability in
      let distance = ((probability - adapted) * (1 / 0.3)).magnitude
      return 5 - 10 * distance * distance / (1 + distance)
    }
    try candidates.computeProbabilities()
  }

  /// Selects a candidate; the target moves when it becomes part of the sequence.
  mutating func pick(_ candidates: inout Candidates, _ index: Int) {
    candidates.select(index)
    pending = (candidates.id(at: index), original[index])
  }
}
