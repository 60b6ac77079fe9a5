/// The merges of a vocabulary: two neighbouring symbols → how early they merge, and into what.
///
/// A symbol is a number: a token, or beyond the vocabulary a string that occurs in merges only.
struct MergeTable: Sendable {
  /// The answer for a pair that never merges; greater than every merge.
  static let none = UInt64.max

  private var keys: [UInt64]
  private var values: [UInt64]
  private var mask: Int
  private let hash = KeyedHash.shared
  /// The number of pairs.
  private(set) var count = 0

  /// An empty table with room for `capacity` pairs.
  init(capacity: Int) {
    var size = 16
    while size * 2 < capacity * 3 { size *= 2 }
    mask = size - 1
    keys = [UInt64](repeating: .max, count: size)
    values = [UInt64](repeating: Self.none, count: size)
  }

  /// Adds a merge unless the pair has one; the first, which is the earliest, stays.
  mutating func insert(_ left: UInt32, _ right: UInt32, rank: UInt32, merged: UInt32) {
    if (count + 1) * 3 > keys.count * 2 { grow() }
    let key = UInt64(left) << 32 | UInt64(right)
    let slot = slot(of: key)
    guard keys[slot] != key else { return }
    keys[slot] = key
    values[slot] = UInt64(rank) << 32 | UInt64(merged)
    count += 1
  }

  /// The rank of the merge in the upper and the merged symbol in the lower half; `none` if there is none.
  @inline(__always)
  func find(_ left: UInt32, _ right: UInt32) -> UInt64 {
    values[slot(of: UInt64(left) << 32 | UInt64(right))]
  }

  @inline(__always)
  private func slot(of key: UInt64) -> Int {
    var slot = hash(key) & mask
    while keys[slot] != key, keys[slot] != .max { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = (keys, values)
    mask = mask * 2 + 1
    keys = [UInt64](repeating: .max, count: mask + 1)
    values = [UInt64](repeating: Self.none, count: mask + 1)
    for (index, key) in old.0.enumerated() where key != .max {
      let slot = slot(of: key)
      keys[slot] = key
      values[slot] = old.1[index]
    }
  }
}
