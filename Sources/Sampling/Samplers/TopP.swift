/// Nucleus sampling: keeps the fewest most probable candidates whose probabilities add up to p.
///
/// Source: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020; bounds as in llama.cpp.
struct TopP: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var p: Float = 0.95
    var minimumKept = 0
  }

  static let name = "top_p"
  static let summary = "Keeps the most probable candidates, as few as reach a total probability."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "top_p", \.p, 0...1, off: 1, "The total probability to keep, usually 0.9 to 0.95; 1 turns it off."),
    .minimumKept(\.minimumKept),
  ]

  private let p: Float
  private let minimumKept: Int

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.p >= 1 { return nil }
    (p, minimumKept) = (parameters.p, parameters.minimumKept)
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    if candidates.isSorted {
      let kept = nucleus(candidates.count) { candidates.probability(at: $0) }
      return candidates.keepFirst(kept ?? candidates.count)
    }
    // The nucleus of a peaked distribution is small: sort a part first, and more only if that part does not reach p.
    let first = candidates.selectTop(max(Limits.firstSortedPart, min(minimumKept, candidates.count)))
    if let kept = nucleus(of: candidates, first) { return candidates.adoptKeys(kept) }
    let most = candidates.select(atLeast: candidates.floor(ofMass: p, minimumKept: minimumKept))
    if let kept = nucleus(of: candidates, most) { return candidates.adoptKeys(kept) }
    let all = candidates.selectTop(candidates.count)
    candidates.adoptKeys(nucleus(of: candidates, all) ?? all)
  }

  private func nucleus(of candidates: Candidates, _ count: Int) -> Int? {
    nucleus(count) { candidates.probability(ofLogit: candidates.keys[$0].logit) }
  }

  /// How many of the first `count` candidates make up the nucleus; nil if they do not reach p.
  private func nucleus(_ count: Int, probability: (Int) -> Float) -> Int? {
    var sum: Float = 0
    for index in 0..<count {
      sum += probability(index)
      if sum >= p, index + 1 >= minimumKept { return index + 1 }
    }
    return nil
  }
}
