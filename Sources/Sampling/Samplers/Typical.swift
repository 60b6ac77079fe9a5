/// Locally typical sampling: keeps the candidates whose surprise is closest to the entropy, up to probability p.
///
/// Source: Meister et al., "Locally Typical Sampling", 2022; bounds as in llama.cpp, or, with ties, as in transformers.
struct Typical: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var p: Float = 1
    var minimumKept = 0
    var keepsTies = false
  }

  static let name = "typ_p"
  static let summary =
    "Keeps the candidates whose surprise is closest to the average (locally typical sampling)."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "typical_p", \.p, 0...1, off: 1, aliases: ["typ_p"],
      "The total probability to keep, usually 0.9 to 0.95; 1 turns it off."),
    .minimumKept(\.minimumKept), .keepsTies(\.keepsTies),
  ]

  private let values: Parameters

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.p >= 1 { return nil }
    values = parameters
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    // The surprise of a candidate is ln Z - (logit - largest) nats.
    let typical = Float(candidates.logarithmOfSum) - candidates.entropy()
    var distances: [SortKey] = []
    var scratch: [SortKey] = []
    distances.reserveCapacity(candidates.count)
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      let distance = (typical - (candidates.logit(at: index) - candidates.softmaxShift)).magnitude
      // The highest key is the smallest distance, the earliest candidate among equals.
      distances.append(SortKey(logit: -distance, id: Int32(truncatingIfNeeded: index)))
    }
    SortKey.sortDescending(&distances, distances.count, &scratch, isAscending: true)
    var isKept = [Bool](repeating: false, count: candidates.count)
    var sum: Float = 0
    var last: Float?
    for (place, key) in distances.enumerated() {
      if let last, key.logit < last, place >= values.minimumKept { break }
      isKept[Int(key.id)] = true
      sum += candidates.probability(at: Int(key.id))
      if values.keepsTies {
        if last == nil, sum >= values.p { last = key.logit }
      } else if sum > values.p, place + 1 >= values.minimumKept {
        break
      }
    }
    candidates.keep { isKept[$0] }
  }
}
