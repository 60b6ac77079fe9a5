/// Hashes for tables whose keys come from a file, with a random key for each process so that no file can provoke
/// collisions; results never depend on the order in a table.
struct KeyedHash: Sendable {
  private let key: UInt64
  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
  /// The one key of this process.
  static let shared = KeyedHash(key: UInt64.random(in: 0 ... .max))

  private init(key: UInt64) {
    self.key = key
  }

  /// The hash of one word.
  @inline(__always)
  func callAsFunction(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: Self.fold(word ^ key, Self.multiplier ^ (key &<< 1)))
  }

  /// The hash of `count` bytes.
  @inline(__always)
  func callAsFunction(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var state = key ^ UInt64(truncatingIfNeeded: count)
    let raw = UnsafeRawPointer(bytes)
    var offset = 0
    while offset + 8 <= count {
      state = Self.fold(
        state ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self), Self.multiplier ^ key)
      offset += 8
    }
    var tail: UInt64 = 0
    if count & 4 != 0 {
      tail = UInt64(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      offset += 4
    }
    while offset < count {
      tail = tail << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return Int(truncatingIfNeeded: Self.fold(state ^ tail, Self.multiplier ^ (key &<< 1)))
  }

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
