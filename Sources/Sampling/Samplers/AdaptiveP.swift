import Tokens

/// Adaptive-p: prefers candidates whose probability is near a target, which follows what was picked before.
///
/// Source: llama.cpp's adaptive-p (its pull request 17927): logit = 5 - 10 d² / (1 + d) with d the distance from the
/// target in units of 0.3; the target moves against a decaying mean of the picked tokens' original probabilities.
struct AdaptivePStage: SamplerStage {
  let name = "adaptive_p"
  let target: Float
  let decay: Float
  private var weightedSum: Float
  private var totalWeight: Float
  private var original: [Float] = []
  private var pending: (token: TokenID, probability: Float)?
  private let initial: RandomSource
  private var random: RandomSource

  init(target: Float, decay: Float, random: RandomSource) {
    self.target = target
    self.decay = decay
    weightedSum = target / (1 - decay)
    totalWeight = 1 / (1 - decay)
    initial = random
    self.random = random
  }

  mutating func reset() {
    weightedSum = target / (1 - decay)
    totalWeight = 1 / (1 - decay)
    pending = nil
    random = initial
  }

  mutating func accept(_ token: TokenID) {
    if let pending, pending.token == token {
      weightedSum = pending.probability + decay * weightedSum
      totalWeight = 1 + decay * totalWeight
    }
    pending = nil
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try transform(&candidates)
    select(&candidates, try candidates.draw(&random))
  }

  mutating func transform(_ candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    original.removeAll(keepingCapacity: true)
    original.append(contentsOf: candidates.probabilities[..<candidates.count])
    let adapted = min(max(2 * target - weightedSum / totalWeight, 0), 1)
    candidates.replaceLogits { probability in
      let distance = ((probability - adapted) * (1 / 0.3)).magnitude
      return 5 - 10 * distance * distance / (1 + distance)
    }
    try candidates.computeProbabilities()
  }

  mutating func select(_ candidates: inout Candidates, _ index: Int) {
    candidates.select(index)
    pending = (candidates.id(at: index), original[index])
  }
}
