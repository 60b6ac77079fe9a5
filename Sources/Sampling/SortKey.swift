/// A candidate as one number that orders as candidates do: higher logit first, then lower id.
///
/// Sorting these is sorting by a total order, so a result never depends on the algorithm.
struct SortKey: Comparable {
  let bits: UInt64

  /// `logit` is not NaN; `id` is not negative.
  ///
  /// -0 counts as 0.
  @inline(__always)
  init(logit: Float, id: Int32) {
    let pattern = (logit + 0).bitPattern
    let ordered = pattern & 0x8000_0000 != 0 ? ~pattern : pattern | 0x8000_0000
    bits = UInt64(ordered) << 32 | UInt64(UInt32.max - UInt32(bitPattern: id))
  }

  @inline(__always)
  var logit: Float {
    let ordered = UInt32(truncatingIfNeeded: bits >> 32)
    return Float(bitPattern: ordered & 0x8000_0000 != 0 ? ordered & 0x7FFF_FFFF : ~ordered)
  }

  @inline(__always)
  var id: Int32 { Int32(bitPattern: UInt32.max - UInt32(truncatingIfNeeded: bits)) }

  @inline(__always)
  static func < (left: SortKey, right: SortKey) -> Bool { left.bits < right.bits }

  /// Sorts, best first; many keys by counting their digits, since a flat distribution leaves thousands.
  static func sortDescending(_ keys: inout [SortKey], _ scratch: inout [SortKey]) {
    guard keys.count > 1024 else { return keys.sort(by: >) }
    let digit = 11
    // The id's part of the bits is all ones above the largest id: those digits are skipped.
    var differing: UInt64 = 0
    for key in keys { differing |= key.bits ^ keys[0].bits }
    if scratch.count < keys.count { scratch = keys } else { scratch.removeLast(scratch.count - keys.count) }
    for shift in stride(from: 0, to: 64, by: digit) where differing >> UInt64(shift) & 0x7FF != 0 {
      var starts = [Int32](repeating: 0, count: 1 << digit)
      for key in keys { starts[Int(truncatingIfNeeded: key.bits >> UInt64(shift) & 0x7FF)] += 1 }
      var next: Int32 = 0
      for value in starts.indices.reversed() {
        let count = starts[value]
        starts[value] = next
        next += count
      }
      for key in keys {
        let value = Int(truncatingIfNeeded: key.bits >> UInt64(shift) & 0x7FF)
        scratch[Int(starts[value])] = key
        starts[value] += 1
      }
      swap(&keys, &scratch)
    }
  }
}
