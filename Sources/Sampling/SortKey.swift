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
}
