/// Changing logits, and the probabilities that follow from them.
extension Candidates {
  /// Replaces one logit; NaN becomes -∞.
  @inline(__always)
  public mutating func setLogit(_ logit: Float, at index: Int) {
    precondition(index < count)
    let new = logit > -.infinity ? min(max(logit, -Limits.logitMagnitude), Limits.logitMagnitude) : -.infinity
    if isDense {
      let peak = peaks[index / VectorMath.block]
      // If this was the largest logit of its block, the peak is unknown now.
      peaks[index / VectorMath.block] = new >= peak ? new : logits[index] == peak ? .nan : peak
    }
    logits[index] = new
    isSorted = false
    hasProbabilities = false
  }

  /// Gives every candidate above -∞ a logit, within `Limits.logitMagnitude`, computed from its probability.
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

  /// Divides every logit by a positive number, which does not change the order.
  ///
  /// A number below `Limits.smallestDivisor` divides the distances from the largest logit instead: the distribution is
  /// the same, and nothing can overflow upwards.
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
  /// - Throws: `noCandidates` if every logit is -∞.
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

  /// Marks the candidate that is picked; for stages that pick.
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
