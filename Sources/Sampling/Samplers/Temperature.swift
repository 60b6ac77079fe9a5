/// Divides logits by a temperature, fixed or following the entropy; 0 leaves only the best candidate.
///
/// With a range r > 0 the temperature is t - r + 2r · (entropy / ln n)^exponent over the n candidates left, never
/// below 0. Source: llama.cpp's extended temperature.
struct TemperatureStage: SamplerStage {
  let name = "temperature"
  let temperature: Float
  let range: Float
  let exponent: Float

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    guard range > 0 else { return scale(&candidates, by: temperature) }
    guard candidates.count > 1 else { return }
    let possible = Float(candidates.count)
    try candidates.computeProbabilities()
    let normalized = candidates.entropy() / naturalLogarithm(possible)
    let lowest = max(0, temperature - range)
    scale(&candidates, by: lowest + (temperature + range - lowest) * power(normalized, exponent))
  }

  private func scale(_ candidates: inout Candidates, by temperature: Float) {
    if temperature > 0 { candidates.divideLogits(by: temperature) } else { candidates.keepTop(1) }
  }
}
