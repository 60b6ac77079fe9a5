/// Mirostat 1: keeps the surprise of the picked tokens near a target by choosing k from an estimate of Zipf's law.
///
/// Source: Basu et al., "Mirostat", 2021; constants as in llama.cpp.
struct Mirostat: BuiltInSampler {
  static let name = "mirostat"
  static let summary = "Keeps the surprise of the text near a target (version 1), and picks the token."
  static let parameters = SurpriseBound.parameters
  static let selectsToken = true

  /// How many of the most probable candidates the estimate looks at.
  private static let estimated = 100

  private(set) var bound: SurpriseBound
  private let vocabularySize: Int
  private let initial: RandomSource
  private var random: RandomSource

  init?(_ parameters: SurpriseBound.Parameters, _ context: StageContext) {
    bound = SurpriseBound(parameters)
    vocabularySize = context.vocabularySize
    initial = RandomSource(seed: context.seed)
    random = initial
  }

  mutating func reset() {
    random = initial
    bound.reset()
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try truncate(&candidates)
    pick(&candidates, try candidates.draw(&random))
  }

  /// Keeps the candidates that may be picked.
  func truncate(_ candidates: inout Candidates) throws(SamplingError) {
    guard candidates.largestLogit() > -.infinity else {
      throw .noCandidates(reason: "the chain left no candidate")
    }
    // The logarithm of the ratio of two probabilities is the difference of their logits.
    var top = candidates
    top.keepTop(Self.estimated)
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
    let scaled = excess * power(2, bound.bits) / (1 - power(Float(vocabularySize), -excess))
    let k = power(scaled, 1 / exponent)
    // Not a number if one candidate is left or all are equal: then 1, as C's conversion to an integer gives.
    candidates.keepTop(k >= 1 ? Int(min(k, Float(candidates.count))) : 1)
  }

  /// Selects a candidate and moves the bound.
  mutating func pick(_ candidates: inout Candidates, _ index: Int) {
    candidates.select(index)
    bound.move(picked: candidates.probability(at: index))
  }
}
