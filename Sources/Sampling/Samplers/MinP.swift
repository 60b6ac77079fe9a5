/// Keeps the candidates that are at least p times as probable as the best.
///
/// Works on logits (logit ≥ best + ln p), so it needs no softmax. Source: Nguyen et al., "Turning Up the Heat:
/// Min-p Sampling", 2024; bounds as in llama.cpp.
struct MinP: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var p: Float = 0.05
    var minimumKept = 0
  }

  static let name = "min_p"
  static let summary = "Keeps candidates that are at least p times as probable as the best one."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "min_p", \.p, 0...1, off: 0,
      "The least probability, as a share of the best candidate's, usually 0.02 to 0.1; 0 turns it off."),
    .minimumKept(\.minimumKept),
  ]

  private let values: Parameters

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.p <= 0 { return nil }
    values = parameters
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    let threshold = candidates.largestLogit() + naturalLogarithm(values.p)
    candidates.keepLogits(atLeast: threshold, minimumKept: values.minimumKept)
  }
}
