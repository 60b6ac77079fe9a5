/// Keeps the k most probable candidates; with ties, also those as probable as the last of them.
struct TopKStage: SamplerStage {
  let name = "top_k"
  let k: Int
  let keepsTies: Bool

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    if keepsTies { candidates.keepTopAndTies(k) } else { candidates.keepTop(k) }
  }
}

/// Nucleus sampling: keeps the fewest most probable candidates whose probabilities reach p together.
///
/// Source: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020; bounds as in llama.cpp.
struct TopPStage: SamplerStage {
  let name = "top_p"
  let p: Float
  let minimumKept: Int

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try candidates.computeProbabilities()
    if candidates.isSorted {
      let kept = nucleus(candidates.count) { candidates.probability(at: $0) }
      return candidates.keepFirst(kept ?? candidates.count)
    }
    // The nucleus of a peaked distribution is small: sort a part, and as much as may be needed when it does not suffice.
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

  /// How many of the first `count` candidates make up the nucleus; nil when they do not reach it.
  private func nucleus(_ count: Int, probability: (Int) -> Float) -> Int? {
    var sum: Float = 0
    for index in 0..<count {
      sum += probability(index)
      if sum >= p, index + 1 >= minimumKept { return index + 1 }
    }
    return nil
  }
}

/// Keeps the candidates that are at least p times as probable as the best.
///
/// Works on logits (logit ≥ best + ln p), so it needs no softmax. Source: Nguyen et al., "Turning Up the Heat:
/// Min-p Sampling", 2024; bounds as in llama.cpp.
struct MinPStage: SamplerStage {
  let name = "min_p"
  let p: Float
  let minimumKept: Int

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    let threshold = candidates.largestLogit() + naturalLogarithm(p)
    candidates.keepLogits(atLeast: threshold, minimumKept: minimumKept)
  }
}

/// Locally typical sampling: keeps the candidates whose surprise is closest to the entropy, up to probability p.
///
/// Source: Meister et al., "Locally Typical Sampling", 2022; bounds as in llama.cpp, or, with ties, as in transformers.
struct TypicalStage: SamplerStage {
  let name = "typ_p"
  let p: Float
  let minimumKept: Int
  let keepsTies: Bool

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
      if let last, key.logit < last, place >= minimumKept { break }
      isKept[Int(key.id)] = true
      sum += candidates.probability(at: Int(key.id))
      if keepsTies {
        if last == nil, sum >= p { last = key.logit }
      } else if sum > p, place + 1 >= minimumKept {
        break
      }
    }
    candidates.keep { isKept[$0] }
  }
}

/// Keeps the candidates whose logit is within n standard deviations of the highest.
///
/// Source: Tang et al., "Top-nσ: Not All Logits Are You Need", 2024; bounds as in llama.cpp.
struct TopNSigmaStage: SamplerStage {
  let name = "top_n_sigma"
  let n: Float

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    guard candidates.count > 1 else { return }
    var sum = 0.0
    var counted = 0.0
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      sum += Double(candidates.logit(at: index))
      counted += 1
    }
    guard counted > 0 else { throw .noCandidates(reason: "the chain left no candidate") }
    let mean = sum / counted
    var squares = 0.0
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      let distance = Double(candidates.logit(at: index)) - mean
      squares += distance * distance
    }
    let deviation = Float((squares / counted).squareRoot())
    candidates.keepLogits(atLeast: candidates.largestLogit() - n * deviation)
  }
}
