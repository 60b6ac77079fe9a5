/// A candidate as one number that orders as candidates do: higher logit first, then lower id.
///
/// The order is total, so that a result never depends on the sorting algorithm.
struct SortKey: Comparable {
  let bits: UInt64

  init(bits: UInt64) {
    self.bits = bits
  }

  /// The key of a candidate; `logit` is not NaN (-0 counts as 0), and `id` is not negative.
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

  /// Sorts the first `count` keys, best first; many of them by their digits, since a flat distribution leaves thousands.
  ///
  /// `isAscending` says that the ids rise. Their bits are then not compared: equal logits keep their order.
  static func sortDescending(
    _ keys: inout [SortKey], _ count: Int, _ scratch: inout [SortKey], isAscending: Bool
  ) {
    if count <= Limits.insertionSort {
      return keys.withUnsafeMutableBufferPointer { insert(.init(rebasing: $0[..<count])) }
    }
    if scratch.count < count { scratch = [SortKey](repeating: SortKey(bits: 0), count: keys.count) }
    // The id's bits above the largest id are all ones: those digits are skipped.
    var differing: UInt64 = 0
    for index in 0..<count { differing |= keys[index].bits ^ keys[0].bits }
    if isAscending { differing &= 0xFFFF_FFFF_0000_0000 }
    let digit = count <= 4096 ? 8 : 11
    var shift = isAscending ? 32 : 0
    while shift < 64 {
      if differing >> UInt64(shift) & (1 << UInt64(digit) - 1) != 0 {
        keys.withUnsafeMutableBufferPointer { keys in
          scratch.withUnsafeMutableBufferPointer { scratch in
            distribute(.init(rebasing: keys[..<count]), to: scratch, shift: UInt64(shift), digit: digit)
          }
        }
        swap(&keys, &scratch)
      }
      shift += digit
    }
  }

  private static func insert(_ keys: UnsafeMutableBufferPointer<SortKey>) {
    var sorted = 1
    while sorted < keys.count {
      let key = keys[sorted]
      var place = sorted
      while place > 0, keys[place - 1].bits < key.bits {
        keys[place] = keys[place - 1]
        place -= 1
      }
      keys[place] = key
      sorted += 1
    }
  }

  /// One pass of a sort by digits, largest first; keys with the same digit keep their order.
  private static func distribute(
    _ keys: UnsafeMutableBufferPointer<SortKey>, to target: UnsafeMutableBufferPointer<SortKey>,
    shift: UInt64,
    digit: Int
  ) {
    let size = 1 << digit
    let mask = UInt64(size - 1)
    let count = keys.count
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: size) { starts in
      guard let starts = starts.baseAddress, let keys = keys.baseAddress, let target = target.baseAddress
      else {
        return
      }
      starts.initialize(repeating: 0, count: size)
      for index in 0..<count { starts[Int(truncatingIfNeeded: keys[index].bits >> shift & mask)] &+= 1 }
      var next: Int32 = 0
      for value in stride(from: size - 1, through: 0, by: -1) {
        let here = starts[value]
        starts[value] = next
        next &+= here
      }
      for index in 0..<count {
        let key = keys[index]
        let value = Int(truncatingIfNeeded: key.bits >> shift & mask)
        target[Int(starts[value])] = key
        starts[value] &+= 1
      }
    }
  }
}
