/// Picking by probability, and how uncertain the pick is.
extension Candidates {
  /// The index of a candidate drawn with its probability: one draw, the first candidate whose cumulative
  /// probability (in the present order, summed in double, block by block) exceeds it.
  ///
  /// A candidate at -∞ is never drawn.
  mutating func draw(_ random: inout RandomSource) throws(SamplingError) -> Int {
    try computeProbabilities()
    let target = random.uniform()
    let count = count
    return probabilities.withUnsafeBufferPointer { probabilities in
      var (sum, start) = (0.0, 0)
      while start < count {
        let end = min(start + VectorMath.block, count)
        let block = VectorMath.sum(of: UnsafeBufferPointer(rebasing: probabilities[start..<end]))
        if sum + block > target || end == count {
          for index in start..<end where probabilities[index] > 0 {
            sum += Double(probabilities[index])
            if sum > target { return index }
          }
        } else {
          sum += block
        }
        start = end
      }
      // Rounding can leave the sum a little below 1: then it is the last candidate that is possible.
      return probabilities[..<count].lastIndex { $0 > 0 } ?? 0
    }
  }

  /// Entropy of the probabilities in nats; `computeProbabilities` must have run.
  ///
  /// With d = logit - largest and Z = Σ exp(d), it is ln Z - Σ p·d.
  func entropy() -> Float {
    precondition(hasProbabilities)
    let count = count
    let moment = logits.withUnsafeBufferPointer { logits in
      probabilities.withUnsafeBufferPointer { probabilities in
        VectorMath.moment(
          of: .init(rebasing: logits[..<count]), minus: softmaxShift,
          weights: .init(rebasing: probabilities[..<count]))
      }
    }
    return Float(max(0, logarithmOfSum - moment))
  }
}
