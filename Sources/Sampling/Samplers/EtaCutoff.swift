/// Drops candidates less probable than a bound that is lower where the distribution is flat: min(ε, √ε · exp(-entropy)).
///
/// The best candidate, and what ties with it, stays in any case. Source: Hewitt et al., "Truncation Sampling as
/// Language Model Desmoothing", 2022; bounds as in transformers.
struct EtaCutoff: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var epsilon: Float = 0
    var minimumKept = 0
  }

  static let name = "eta_cutoff"
  static let summary = "Drops candidates less probable than a bound that falls as the entropy rises."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "eta_cutoff", \.epsilon, 0...1, off: 0,
      "The highest that the bound can be, as a probability; usually 0.0003 to 0.002; 0 turns it off."),
    .minimumKept(\.minimumKept),
  ]

  private let values: Parameters

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.epsilon <= 0 { return nil }
    values = parameters
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    let bound = min(values.epsilon, values.epsilon.squareRoot() * exponential(-candidates.entropy()))
    candidates.keep(probability: bound, minimumKept: values.minimumKept)
  }
}
