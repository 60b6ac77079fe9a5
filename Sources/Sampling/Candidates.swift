public import Tokens

/// The tokens that are still possible at one step, as parallel arrays; what the stages of a chain work on.
///
/// Freshly loaded, every token of the vocabulary is a candidate and stands at the index of its id. Logits are never
/// NaN; -∞ means "never". Buffers stay allocated from step to step. A copy is a value.
public struct Candidates: Sendable {
  /// Candidates left.
  public internal(set) var count = 0
  /// Whether the order is: higher logit first, equal logits by lower id.
  public internal(set) var isSorted = false
  /// Where the picked token stands, once a selecting stage has picked.
  public internal(set) var selected: Int?
  /// Tokens of the vocabulary that was loaded last.
  var vocabularySize = 0
  /// Whether candidate i is token i, so that `ids` holds nothing yet.
  var isDense = true
  /// Whether `probabilities` belong to the present logits.
  var hasProbabilities = false
  /// Of `probabilities`: the logit that was subtracted, the sum's logarithm and its reciprocal.
  var softmaxShift: Float = 0
  var logarithmOfSum = 0.0
  var softmaxScale: Float = 0

  var ids: [Int32] = []
  var logits: [Float] = []
  var probabilities: [Float] = []
  /// The largest logit of each `VectorMath.block` candidates, NaN where it must be found again; those of the present
  /// logits as long as `isDense`, else to be made when needed.
  var peaks: [Float] = []
  var keys: [SortKey] = []
  var scratch: [SortKey] = []

  /// Nothing, until loaded.
  public init() {}

  /// Makes every token a candidate: NaN becomes -∞, what is beyond `Limits.logitMagnitude` is moved to it.
  ///
  /// - Throws: `noCandidates` when no logit is above -∞.
  public mutating func load(_ source: UnsafeBufferPointer<Float>) throws(SamplingError) {
    count = source.count
    vocabularySize = source.count
    isDense = true
    isSorted = false
    hasProbabilities = false
    selected = nil
    if logits.count < count { logits = [Float](repeating: 0, count: count) }
    reservePeaks()
    let isUsual = logits.withUnsafeMutableBufferPointer { logits in
      peaks.withUnsafeMutableBufferPointer { peaks in
        if VectorMath.copy(source, to: logits, peaks: peaks) { return true }
        _ = Self.cleanUnusual(UnsafeMutableBufferPointer(rebasing: logits[..<source.count]))
        VectorMath.peaks(of: .init(rebasing: logits[..<source.count]), into: peaks)
        return false
      }
    }
    guard count > 0, isUsual || largestLogit() > -.infinity else {
      throw .noCandidates(reason: "all \(count) logits are NaN or minus infinity")
    }
  }
}

// MARK: - Looking

extension Candidates {
  /// The token of a candidate, 0 ≤ `index` < `count`.
  @inline(__always)
  public func id(at index: Int) -> TokenID {
    precondition(index < count)
    return isDense ? TokenID(index) : TokenID(rawValue: ids[index])
  }

  /// The logit of a candidate, 0 ≤ `index` < `count`.
  @inline(__always)
  public func logit(at index: Int) -> Float {
    precondition(index < count)
    return logits[index]
  }

  /// The probability of a candidate among the candidates left, as `computeProbabilities` last found it.
  @inline(__always)
  public func probability(at index: Int) -> Float {
    precondition(index < count && hasProbabilities)
    return probabilities[index]
  }

  /// The probability that a candidate of some logit has, as `computeProbabilities` last found them.
  @inline(__always)
  func probability(ofLogit logit: Float) -> Float {
    VectorMath.exponential(logit - softmaxShift) * softmaxScale
  }

  /// A logit that the most probable candidates with the probability `mass` together have at least; -∞ when rounding may
  /// matter, or when these are fewer than `minimumKept`.
  ///
  /// `computeProbabilities` must have run.
  func floor(ofMass mass: Float, minimumKept: Int) -> Float {
    precondition(hasProbabilities)
    let (count, shift, buckets) = (count, softmaxShift, 512)
    let resolution: Float = 16
    return withUnsafeTemporaryAllocation(of: (mass: Float, count: Int32).self, capacity: buckets) { sums in
      sums.initialize(repeating: (0, 0))
      logits.withUnsafeBufferPointer { logits in
        probabilities.withUnsafeBufferPointer { probabilities in
          for index in 0..<count {
            let distance = min((shift - logits[index]) * resolution, Float(buckets - 1))
            let bucket = Int(distance)
            sums[bucket].mass += probabilities[index]
            sums[bucket].count &+= 1
          }
        }
      }
      var (sum, above) = (Float(0), 0)
      for bucket in 0..<buckets - 1 {
        sum += sums[bucket].mass
        above += Int(sums[bucket].count)
        if sum >= mass + 1e-3, above >= minimumKept {
          return shift - (Float(bucket + 1) + 0.01) / resolution
        }
      }
      return -.infinity
    }
  }

  /// Where a token stands, if it is still a candidate.
  public func index(of token: TokenID) -> Int? {
    if isDense { return token.index >= 0 && token.index < count ? token.index : nil }
    return ids[..<count].firstIndex(of: token.rawValue)
  }

  /// The largest logit left; -∞ when none is above.
  public func largestLogit() -> Float {
    if isSorted { return count > 0 ? logits[0] : -.infinity }
    if isDense {
      var largest = -Float.infinity
      for block in 0..<VectorMath.blocks(count) {
        let peak = peaks[block]
        if peak.isNaN {
          let range = block * VectorMath.block..<min((block + 1) * VectorMath.block, count)
          largest = max(largest, logits[range].max() ?? -.infinity)
        } else if peak > largest {
          largest = peak
        }
      }
      return largest
    }
    return logits.withUnsafeBufferPointer { VectorMath.maximum(UnsafeBufferPointer(rebasing: $0[..<count])) }
  }
}

// MARK: - Changing

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
