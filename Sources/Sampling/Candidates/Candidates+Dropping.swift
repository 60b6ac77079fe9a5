/// Dropping candidates; those that are kept stay in their order.
extension Candidates {
  /// Keeps the first `kept` candidates.
  public mutating func keepFirst(_ kept: Int) {
    precondition(kept >= 0)
    guard kept < count else { return }
    if isDense { materializeIdentifiers() }
    count = kept
    hasProbabilities = false
  }

  /// Drops the first `dropped` candidates; the others keep their order.
  public mutating func dropFirst(_ dropped: Int) {
    precondition(dropped >= 0 && dropped <= count)
    guard dropped > 0 else { return }
    if isDense { materializeIdentifiers() }
    for index in dropped..<count {
      ids[index - dropped] = ids[index]
      logits[index - dropped] = logits[index]
    }
    count -= dropped
    hasProbabilities = false
  }

  /// Keeps the candidates whose logit is at least `threshold` (and above -∞), in their order; if those are
  /// fewer than `minimumKept`, keeps the `minimumKept` best instead.
  public mutating func keepLogits(atLeast threshold: Float, minimumKept: Int = 1) {
    let least = max(threshold, -Float.greatestFiniteMagnitude)
    let count = count
    let satisfied = logits.withUnsafeBufferPointer {
      VectorMath.count(atLeast: least, .init(rebasing: $0[..<count]))
    }
    if satisfied == count { return }
    if satisfied < minimumKept { return keepTop(minimumKept) }
    compact(atLeast: least)
  }

  /// Drops what is below `least`, in place and without branches.
  private mutating func compact(atLeast least: Float) {
    if isDense { reserveIdentifiers(count) }
    let (count, isDense) = (count, isDense)
    var kept = 0
    ids.withUnsafeMutableBufferPointer { ids in
      logits.withUnsafeMutableBufferPointer { logits in
        guard let ids = ids.baseAddress, let logits = logits.baseAddress else { return }
        var index = 0
        while index < count {
          let end = min(index + VectorMath.block, count)
          if VectorMath.hasAny(atLeast: least, logits + index, end - index) {
            for at in index..<end {
              let logit = logits[at]
              ids[kept] = isDense ? Int32(truncatingIfNeeded: at) : ids[at]
              logits[kept] = logit
              kept &+= logit >= least ? 1 : 0
            }
          }
          index = end
        }
      }
    }
    self.count = kept
    self.isDense = false
    hasProbabilities = false
  }

  /// Keeps the candidates whose index satisfies `isKept`, in their order.
  public mutating func keep(where isKept: (Int) -> Bool) {
    if isDense { materializeIdentifiers() }
    var kept = 0
    for index in 0..<count where isKept(index) {
      ids[kept] = ids[index]
      logits[kept] = logits[index]
      kept += 1
    }
    count = kept
    hasProbabilities = false
  }

  /// Keeps the candidates whose probability is at least `least`, in their order; if those are fewer than `minimumKept`
  /// (or none), keeps the `minimumKept` best (or the best one) and those that tie with the last of them.
  ///
  /// `computeProbabilities` must have run.
  mutating func keep(probability least: Float, minimumKept: Int) {
    precondition(hasProbabilities)
    let needed = max(minimumKept, 1)
    var kept = 0
    for index in 0..<count where probability(at: index) >= least { kept += 1 }
    if kept < needed { return keepTopAndTies(needed) }
    let probabilities = probabilities
    keep { probabilities[$0] >= least }
  }
}
