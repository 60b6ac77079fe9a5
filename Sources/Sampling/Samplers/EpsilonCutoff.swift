/// Drops candidates less probable than a fixed bound; the best one, and what ties with it, stays in any case.
///
/// Source: Hewitt et al., "Truncation Sampling as Language Model Desmoothing", 2022; bounds as in transformers.
struct EpsilonCutoff: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var epsilon: Float = 0
    var minimumKept = 0
  }

  static let name = "epsilon_cutoff"
  static let summary = "Drops candidates less probable than a fixed bound."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "epsilon_cutoff", \.epsilon, 0...1, off: 0,
      "The least probability of a candidate, usually 0.0003 to 0.0009; 0 turns it off."),
    .minimumKept(\.minimumKept),
  ]

  private let values: Parameters

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.epsilon <= 0 { return nil }
    values = parameters
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    candidates.keep(probability: values.epsilon, minimumKept: values.minimumKept)
  }
}
