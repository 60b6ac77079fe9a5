/// Divides logits by a temperature, fixed or following the entropy; 0 leaves only the best candidate.
///
/// With a range r > 0 the temperature is t - r + 2r · (entropy / ln n)^exponent over the n candidates left, never
/// below 0. Source: llama.cpp's extended temperature.
struct Temperature: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var temperature: Float = 0.8
    var range: Float = 0
    var exponent: Float = 1
  }

  static let name = "temperature"
  static let summary =
    "Divides logits: below 1 the choice is more predictable, above 1 more varied, at 0 greedy."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "temperature", \.temperature, 0...Limits.parameterMagnitude, off: 1, aliases: ["temp"],
      "What logits are divided by, usually 0.5 to 1.2; 0 always takes the most probable candidate, 1 turns it off."
    ),
    .number(
      "dynatemp_range", \.range, 0...Limits.parameterMagnitude, off: 0,
      "How far the temperature may move up and down with the entropy, usually 0 to 0.5; 0 turns it off."),
    .number(
      "dynatemp_exponent", \.exponent, 0...1000,
      "How the temperature follows the entropy within dynatemp_range; usually 1, which is linear."),
  ]

  private let values: Parameters

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.temperature == 1, parameters.range == 0 { return nil }
    values = parameters
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    let (temperature, range) = (values.temperature, values.range)
    guard range > 0 else { return scale(&candidates, by: temperature) }
    guard candidates.count > 1 else { return }
    let possible = Float(candidates.count)
    try candidates.computeProbabilities()
    let normalized = candidates.entropy() / naturalLogarithm(possible)
    let lowest = max(0, temperature - range)
    scale(&candidates, by: lowest + (temperature + range - lowest) * power(normalized, values.exponent))
  }

  private func scale(_ candidates: inout Candidates, by temperature: Float) {
    if temperature > 0 { candidates.divideLogits(by: temperature) } else { candidates.keepTop(1) }
  }
}
