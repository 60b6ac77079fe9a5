/// The final pick: draws a candidate with its probability.
struct DistributionStage: SamplerStage {
  let name = "dist"
  private let initial: RandomSource
  private var random: RandomSource

  init(random: RandomSource) {
    initial = random
    self.random = random
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    candidates.select(try candidates.draw(&random))
  }

  mutating func reset() { random = initial }
}

/// The pick of the highest logit, the lowest id among equals.
struct GreedyStage: SamplerStage {
  let name = "greedy"

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    candidates.keepTop(1)
    guard candidates.count > 0 else { throw .noCandidates(reason: "the chain left no candidate") }
    candidates.select(0)
  }
}

extension Candidates {
  /// The index of a candidate drawn with its probability: one draw, the first candidate whose cumulative
  /// probability (in the present order, summed in double) exceeds it.
  ///
  /// A candidate at -∞ is never drawn.
  mutating func draw(_ random: inout RandomSource) throws(SamplingError) -> Int {
    try computeProbabilities()
    let target = random.uniform()
    var sum = 0.0
    var last = 0
    for index in 0..<count where probabilities[index] > 0 {
      sum += Double(probabilities[index])
      last = index
      if sum > target { return index }
    }
    // Rounding can leave the sum a little below 1.
    return last
  }

  /// Entropy of the probabilities in nats; `computeProbabilities` must have run.
  func entropy() -> Float {
    var sum: Float = 0
    for index in 0..<count where probabilities[index] > 0 {
      sum -= probabilities[index] * naturalLogarithm(probabilities[index])
    }
    return sum
  }
}
