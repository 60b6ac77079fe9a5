/// "Exclude top choices": now and then drops all candidates above a threshold except the least probable of them.
///
/// Source: llama.cpp's xtc, after p-e-w's proposal of 2024.
struct XTC: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var probability: Float = 0
    var threshold: Float = 0.1
    var minimumKept = 0
  }

  static let name = "xtc"
  static let summary = "Sometimes drops all top choices except the least probable of them."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "xtc_probability", \.probability, 0...1, off: 0,
      "The share of tokens at which it acts, usually 0.5; 0 turns it off."),
    .number(
      "xtc_threshold", \.threshold, 0...1,
      "A candidate this probable is a top choice; usually 0.1; above 0.5 turns it off."),
    .minimumKept(\.minimumKept),
  ]

  private let values: Parameters
  private let initial: RandomSource
  private var random: RandomSource

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.probability <= 0 || parameters.threshold > 0.5 { return nil }
    values = parameters
    initial = context.random
    random = initial
  }

  mutating func reset() { random = initial }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    // One draw a step, needed or not: what is drawn later must not depend on how many candidates were left.
    let chance = random.uniform()
    guard candidates.count >= 2, chance < Double(values.probability) else { return }
    let threshold = values.threshold
    try candidates.computeProbabilities()
    if !candidates.isSorted {
      // At most this many candidates can be that probable, and one more for rounding.
      let most = min(Double(candidates.count), 1 / Double(threshold) + 1)
      let top = candidates.selectTop(Int(most))
      let above = (0..<top).prefix { candidates.probability(ofLogit: candidates.keys[$0].logit) >= threshold }
        .count
      if above > 1, candidates.count - above + 1 >= values.minimumKept {
        candidates.drop(above: candidates.keys[above - 1])
      }
      return
    }
    var above = 0
    while above < candidates.count, candidates.probability(at: above) >= threshold { above += 1 }
    let dropped = max(above - 1, 0)
    if candidates.count - dropped >= values.minimumKept { candidates.dropFirst(dropped) }
  }
}
