/// Mirostat 1: keeps the surprise of the picked tokens near a target by choosing k from an estimate of Zipf's law.
///
/// Source: Basu et al., "Mirostat", 2021; constants as in llama.cpp.
struct MirostatStage: SamplerStage {
  let name = "mirostat"
  let vocabularySize: Int
  let target: Float
  let rate: Float
  /// How many of the most probable candidates the estimate looks at.
  let estimated = 100
  var bound: Float
  private let initial: RandomSource
  private var random: RandomSource

  init(vocabularySize: Int, target: Float, rate: Float, random: RandomSource) {
    self.vocabularySize = vocabularySize
    self.target = target
    self.rate = rate
    bound = 2 * target
    initial = random
    self.random = random
  }

  mutating func reset() {
    random = initial
    bound = 2 * target
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try truncate(&candidates)
    let index = try candidates.draw(&random)
    candidates.select(index)
    bound = updatedBound(bound, candidates.probability(at: index), target: target, rate: rate)
  }

  func truncate(_ candidates: inout Candidates) throws(SamplingError) {
    guard candidates.largestLogit() > -.infinity else {
      throw .noCandidates(reason: "the chain left no candidate")
    }
    // The logarithm of the ratio of two probabilities is the difference of their logits.
    var top = candidates
    top.keepTop(estimated)
    var products: Float = 0
    var squares: Float = 0
    for index in 0..<top.count - 1 {
      let rank = naturalLogarithm(Float(index + 2) / Float(index + 1))
      let fall = top.logit(at: index) - top.logit(at: index + 1)
      products += rank * fall
      squares += rank * rank
    }
    let exponent = products / squares
    let excess = exponent - 1
    let scaled = excess * power(2, bound) / (1 - power(Float(vocabularySize), -excess))
    let k = power(scaled, 1 / exponent)
    // Not a number when one candidate is left or all are equal: as C's conversion of it does, the least.
    candidates.keepTop(k >= 1 ? Int(min(k, Float(candidates.count))) : 1)
  }
}

/// Mirostat 2: drops every candidate whose surprise exceeds a bound that follows the surprise of the picked tokens.
///
/// Source: Basu et al., "Mirostat", 2021; constants as in llama.cpp.
struct MirostatV2Stage: SamplerStage {
  let name = "mirostat_v2"
  let target: Float
  let rate: Float
  var bound: Float
  private let initial: RandomSource
  private var random: RandomSource

  init(target: Float, rate: Float, random: RandomSource) {
    self.target = target
    self.rate = rate
    bound = 2 * target
    initial = random
    self.random = random
  }

  mutating func reset() {
    random = initial
    bound = 2 * target
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try truncate(&candidates)
    let index = try candidates.draw(&random)
    candidates.select(index)
    bound = updatedBound(bound, candidates.probability(at: index), target: target, rate: rate)
  }

  func truncate(_ candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    // The surprise is (ln Z - (logit - largest)) / ln 2 bits.
    let least =
      Double(candidates.softmaxShift) + candidates.logarithmOfSum - Double(bound) * 0.693_147_180_559_945_3
    candidates.keepBest(atLeast: Float(least))
    try candidates.computeProbabilities()
  }
}

/// The bound after a token of some probability was picked.
func updatedBound(_ bound: Float, _ probability: Float, target: Float, rate: Float) -> Float {
  bound - rate * (-binaryLogarithm(probability) - target)
}
