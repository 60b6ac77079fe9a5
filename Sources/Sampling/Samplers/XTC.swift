/// "Exclude top choices": now and then drops all candidates above a threshold but the least probable of them.
///
/// Source: llama.cpp's xtc, after p-e-w's proposal of 2024.
struct XTCStage: SamplerStage {
  let name = "xtc"
  let probability: Float
  let threshold: Float
  let minimumKept: Int
  private let initial: RandomSource
  private var random: RandomSource

  init(probability: Float, threshold: Float, minimumKept: Int, random: RandomSource) {
    self.probability = probability
    self.threshold = threshold
    self.minimumKept = minimumKept
    initial = random
    self.random = random
  }

  mutating func reset() { random = initial }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    // One draw a step, needed or not: what is drawn later must not depend on how many candidates were left.
    let chance = random.uniform()
    guard candidates.count >= 2, chance < Double(probability) else { return }
    try candidates.computeProbabilities()
    if !candidates.isSorted {
      // So many candidates can have the probability at most, and one more for rounding.
      let most = min(Double(candidates.count), 1 / Double(threshold) + 1)
      let top = candidates.selectTop(Int(most))
      let above = (0..<top).prefix { candidates.probability(ofLogit: candidates.keys[$0].logit) >= threshold }
        .count
      if above > 1, candidates.count - above + 1 >= minimumKept {
        candidates.drop(above: candidates.keys[above - 1])
      }
      return
    }
    var above = 0
    while above < candidates.count, candidates.probability(at: above) >= threshold { above += 1 }
    let dropped = max(above - 1, 0)
    if candidates.count - dropped >= minimumKept { candidates.dropFirst(dropped) }
  }
}
