/// Changing logits and dropping candidates.
extension Candidates {
  /// Replaces one logit.
  ///
  /// NaN means -∞.
  @inline(__always)
  public mutating func setLogit(_ logit: Float, at index: Int) {
    precondition(index < count)
    let new = logit > -.infinity ? min(max(logit, -Limits.logitMagnitude), Limits.logitMagnitude) : -.infinity
    if isDense {
      let peak = peaks[index / VectorMath.block]
      // What was the largest may be no more.
      peaks[index / VectorMath.block] = new >= peak ? new : logits[index] == peak ? .nan : peak
    }
    logits[index] = new
    isSorted = false
    hasProbabilities = false
  }

  /// Gives every candidate above -∞ a logit that follows from its probability, within `Limits.logitMagnitude`.
  ///
  /// `computeProbabilities` must have run.
  @inline(__always)
  mutating func replaceLogits(_ logit: (Float) -> Float) {
    precondition(hasProbabilities)
    let (count, isDense) = (count, isDense)
    logits.withUnsafeMutableBufferPointer { logits in
      probabilities.withUnsafeBufferPointer { probabilities in
        guard let logits = logits.baseAddress, let probabilities = probabilities.baseAddress else { return }
        var index = 0
        while index < count {
          let new = logit(probabilities[index])
          logits[index] = logits[index] > -.infinity ? new : -.infinity
          index &+= 1
        }
      }
      if isDense {
        peaks.withUnsafeMutableBufferPointer {
          VectorMath.peaks(of: .init(rebasing: logits[..<count]), into: $0)
        }
      }
    }
    isSorted = false
    hasProbabilities = false
  }

  /// Divides every logit by a positive number; the order stays as it is.
  ///
  /// A number below `Limits.smallestDivisor` divides the distances from the largest logit instead, which is the same
  /// distribution and cannot overflow upwards.
  public mutating func divideLogits(by divisor: Float) {
    precondition(divisor > 0)
    let shift = divisor < Limits.smallestDivisor ? largestLogit() : 0
    hasProbabilities = false
    guard shift > -.infinity else { return }
    Self.divide(&logits, count, by: divisor, from: shift)
    if isDense { Self.divide(&peaks, VectorMath.blocks(count), by: divisor, from: shift) }
  }

  private static func divide(_ values: inout [Float], _ count: Int, by divisor: Float, from shift: Float) {
    values.withUnsafeMutableBufferPointer { values in
      if divisor >= Limits.smallestDivisor {
        for index in 0..<count { values[index] /= divisor }
      } else {
        for index in 0..<count where values[index] > -.infinity {
          values[index] = max((values[index] - shift) / divisor, -Limits.logitMagnitude)
        }
      }
    }
  }

  /// Turns logits into probabilities that sum to 1 over the candidates left (softmax).
  ///
  /// - Throws: `noCandidates` when every logit is -∞.
  public mutating func computeProbabilities() throws(SamplingError) {
    if hasProbabilities { return }
    let largest = largestLogit()
    guard largest > -.infinity else { throw .noCandidates(reason: "the chain left no candidate") }
    if probabilities.count < count { probabilities = [Float](repeating: 0, count: max(count, logits.count)) }
    let count = count
    logits.withUnsafeBufferPointer { values in
      probabilities.withUnsafeMutableBufferPointer { out in
        let part = UnsafeBufferPointer(rebasing: values[..<count])
        let sum = VectorMath.exponentials(of: part, minus: largest, into: out)
        (softmaxShift, logarithmOfSum) = (largest, naturalLogarithm(sum))
        softmaxScale = Float(1 / sum)
        let scale = softmaxScale
        for index in 0..<count { out[index] *= scale }
      }
    }
    hasProbabilities = true
  }

  /// Keeps the first `kept` candidates.
  public mutating func keepFirst(_ kept: Int) {
    precondition(kept >= 0)
    guard kept < count else { return }
    if isDense { materializeIdentifiers() }
    count = kept
    hasProbabilities = false
  }

  /// Drops the first `dropped` candidates; the rest keeps its order.
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

  /// Keeps the candidates whose logit is at least `threshold` (and above -∞), in their order; when those are
  /// fewer than `minimumKept`, the `minimumKept` best instead.
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

  /// Keeps the candidates for which `isKept` is true of their index, in their order.
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

  /// Marks the pick; for stages that select.
  public mutating func select(_ index: Int) {
    precondition(index >= 0 && index < count)
    selected = index
  }

  mutating func reservePeaks() {
    let needed = VectorMath.blocks(count)
    if peaks.count < needed { peaks = [Float](repeating: 0, count: needed) }
  }

  mutating func reserveIdentifiers(_ needed: Int) {
    if ids.count < needed { ids = [Int32](repeating: 0, count: max(needed, ids.count)) }
  }

  mutating func materializeIdentifiers() {
    reserveIdentifiers(count)
    let count = count
    ids.withUnsafeMutableBufferPointer { ids in
      guard let base = ids.baseAddress else { return }
      var index = 0
      while index < count {
        base[index] = Int32(truncatingIfNeeded: index)
        index &+= 1
      }
    }
    isDense = false
  }
}
