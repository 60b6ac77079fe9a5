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
    candidates.sort()
    try candidates.computeProbabilities()
    var above = 0
    while above < candidates.count, candidates.probability(at: above) >= threshold { above += 1 }
    let dropped = max(above - 1, 0)
    if candidates.count - dropped >= minimumKept { candidates.dropFirst(dropped) }
  }
}
