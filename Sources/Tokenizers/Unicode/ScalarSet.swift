/// A set of Unicode scalars as sorted, disjoint, non-adjacent closed ranges.
struct ScalarSet: Hashable, Sendable {
  /// The ranges, lowest first.
  private(set) var ranges: [ClosedRange<UInt32>]

  /// The largest scalar.
  static let maximum: UInt32 = 0x10FFFF
  /// No scalar.
  static let empty = ScalarSet(ranges: [])
  /// Every scalar.
  static let all = ScalarSet(ranges: [0...maximum])

  private init(ranges: [ClosedRange<UInt32>]) {
    self.ranges = ranges
  }

  /// The union of `ranges`, in any order.
  init(_ unordered: [ClosedRange<UInt32>]) {
    var result: [ClosedRange<UInt32>] = []
    for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, UInt64(range.lowerBound) <= UInt64(last.upperBound) + 1 {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    ranges = result
  }

  /// The set of the given scalars.
  init(scalars: some Sequence<Unicode.Scalar>) {
    self.init(scalars.map { $0.value...$0.value })
  }

  /// Whether the set has no scalars.
  var isEmpty: Bool { ranges.isEmpty }

  /// The scalars that are not in the set.
  var complement: ScalarSet {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= Self.maximum { result.append(next...Self.maximum) }
    return ScalarSet(ranges: result)
  }

  /// The scalars that are in at least one of both sets.
  func union(_ other: ScalarSet) -> ScalarSet {
    ScalarSet(ranges + other.ranges)
  }

  /// The scalars that are in both sets.
  func intersection(_ other: ScalarSet) -> ScalarSet {
    complement.union(other.complement).complement
  }

  /// The scalars that are in exactly one of both sets.
  func symmetricDifference(_ other: ScalarSet) -> ScalarSet {
    union(other).intersection(intersection(other).complement)
  }

  /// Whether `scalar` is in the set.
  func contains(_ scalar: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= scalar
  }
}
