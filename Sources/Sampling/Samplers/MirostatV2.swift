/// Mirostat 2: drops every candidate whose surprise exceeds a bound that follows the surprise of the picked tokens.
///
/// Source: Basu et al., "Mirostat", 2021; constants as in llama.cpp.
struct MirostatV2: BuiltInSampler {
  static let name = "mirostat_v2"
  static let summary = "Keeps the surprise of the text near a target (version 2), and picks the token."
  static let parameters = SurpriseBound.parameters
  static let selectsToken = true

  private(set) var bound: SurpriseBound
  private let initial: RandomSource
  private var random: RandomSource

  init?(_ parameters: SurpriseBound.Parameters, _ context: StageContext) {
    bound = SurpriseBound(parameters)
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

  /// Keeps the candidates that may be picked, with their probabilities.
  func truncate(_ candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    // The surprise is (ln Z - (logit - largest)) / ln 2 bits.
    let logarithm = Double(candidates.softmaxShift) + candidates.logarithmOfSum
    candidates.keepBest(atLeast: Float(logarithm - Double(bound.bits) * 0.693_147_180_559_945_3))
    try candidates.computeProbabilities()
  }

  /// Selects a candidate and moves the bound.
  mutating func pick(_ candidates: inout Candidates, _ index: Int) {
    candidates.select(index)
    bound.move(picked: candidates.probability(at: index))
  }
}
