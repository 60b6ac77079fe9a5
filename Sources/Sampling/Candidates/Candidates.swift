public import Tokens

/// The tokens that are still possible at one step, as parallel arrays; what the stages of a chain work on.
///
/// After `load`, every token of the vocabulary is a candidate, at the index of its id. Logits are never NaN; -∞ means
/// that a token cannot be picked. Buffers stay allocated from step to step.
public struct Candidates: Sendable {
  /// How many candidates are left.
  public internal(set) var count = 0
  /// Whether candidates are in order: higher logits first, equal logits by lower id.
  public internal(set) var isSorted = false
  /// The index of the picked token, once a stage has picked one.
  public internal(set) var selected: Int?
  /// Logits in the row that was loaded last.
  var vocabularySize = 0
  /// Whether candidate i is token i, so that `ids` is not filled yet.
  var isDense = true
  /// Whether `probabilities` belong to the present logits.
  var hasProbabilities = false
  /// Of `probabilities`: the logit that was subtracted, the logarithm of the sum and its reciprocal.
  var softmaxShift: Float = 0
  var logarithmOfSum = 0.0
  var softmaxScale: Float = 0

  var ids: [Int32] = []
  var logits: [Float] = []
  var probabilities: [Float] = []
  /// The largest logit of each `VectorMath.block` candidates, NaN where it must be computed again.
  ///
  /// Kept up to date while `isDense`, otherwise computed when needed.
  var peaks: [Float] = []
  var keys: [SortKey] = []
  var scratch: [SortKey] = []

  /// No candidates until `load`.
  public init() {}

  /// Makes every token a candidate: NaN becomes -∞, and larger magnitudes become `Limits.logitMagnitude`.
  ///
  /// - Throws: `noLogits` if no logit is above -∞.
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
      throw .noLogits(count: count)
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

  /// The probability of a candidate among those left; `computeProbabilities` must have run.
  @inline(__always)
  public func probability(at index: Int) -> Float {
    precondition(index < count && hasProbabilities)
    return probabilities[index]
  }

  /// The probability of a candidate with this logit; `computeProbabilities` must have run.
  @inline(__always)
  func probability(ofLogit logit: Float) -> Float {
    VectorMath.exponential(logit - softmaxShift) * softmaxScale
  }

  /// A logit that none of the most probable candidates which add up to the probability `mass` is below.
  ///
  /// It is -∞ where rounding may matter, or where they are fewer than `minimumKept`. `computeProbabilities` must have
  /// run.
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

  /// The index of a token; nil if it is not a candidate any more.
  public func index(of token: TokenID) -> Int? {
    if isDense { return token.index >= 0 && token.index < count ? token.index : nil }
    return ids[..<count].firstIndex(of: token.rawValue)
  }

  /// The largest logit left; -∞ if every logit is -∞ or none is left.
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
