import Tokens

/// A copy of the candidates at one point of the chain; taking it does not change the chain, not even what it caches.
struct Snapshot {
  /// Tokens and their logits in parallel, without those at -∞.
  private var ids: [TokenID] = []
  private var logits: [Float] = []
  private let largest: Double
  /// The sum of exp(logit - largest).
  private var total = 0.0
  /// In bits.
  private var entropy = 0.0

  /// Copies the candidates above -∞.
  init(_ candidates: Candidates) {
    largest = Double(candidates.largestLogit())
    ids.reserveCapacity(candidates.count)
    logits.reserveCapacity(candidates.count)
    // With d = logit - largest and Z = Σ exp(d), the entropy is ln Z - Σ d exp(d) / Z.
    var moment = 0.0
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      let logit = candidates.logit(at: index)
      ids.append(candidates.id(at: index))
      logits.append(logit)
      let weight = weight(of: logit)
      total += weight
      moment += weight * (Double(logit) - largest)
    }
    if total > 0 {
      entropy = max(0, binaryLogarithm(total) - moment / total * binaryLogarithm(exponential(1.0)))
    }
  }

  private func weight(of logit: Float) -> Double { exponential(Double(logit) - largest) }

  /// How the candidates are distributed, and the place of a token among them.
  func distribution(of token: TokenID) -> SamplingTrace.Distribution {
    var point = SamplingTrace.Distribution(
      candidates: ids.count, entropy: entropy, rank: nil, probability: 0)
    guard let place = ids.firstIndex(of: token) else { return point }
    let own = logits[place]
    var better = 0
    for index in ids.indices {
      if logits[index] > own || (logits[index] == own && ids[index] < token) { better += 1 }
    }
    point.rank = better + 1
    point.probability = weight(of: own) / total
    return point
  }

  /// The total probability here of the candidates that the other snapshot lacks.
  func mass(missingFrom other: Snapshot, vocabularySize: Int) -> Double {
    if total == 0 || ids == other.ids { return 0 }
    var isKept = [Bool](repeating: false, count: vocabularySize)
    for id in other.ids where isKept.indices.contains(id.index) { isKept[id.index] = true }
    var removed = 0.0
    for (id, logit) in zip(ids, logits) where !isKept.indices.contains(id.index) || !isKept[id.index] {
      removed += weight(of: logit)
    }
    return removed / total
  }
}
