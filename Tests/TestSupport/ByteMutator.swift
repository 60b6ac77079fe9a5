/// Makes wrong files out of right ones without knowing their format: the same seed and index give the same file.
public struct ByteMutator: Sendable {
  /// The seed; print it when a test fails.
  public let seed: UInt64

  private let originals: [[UInt8]]

  /// Mutations of `originals`.
  public init(_ originals: [[UInt8]], seed: UInt64) {
    self.originals = originals
    self.seed = seed
  }

  /// Mutation number `index`, with one to three changes.
  public func mutation(_ index: Int) -> [UInt8] {
    var random = SplitMix64(seed: seed ^ (UInt64(truncatingIfNeeded: index) &* 0xD6E8_FEB8_6659_FD93))
    var bytes = originals[random.below(originals.count)]
    for _ in 0...random.below(3) { change(&bytes, &random) }
    return bytes
  }

  /// Sets a byte or an integer, or cuts, drops, repeats or moves a stretch.
  private func change(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let start = random.below(bytes.count)
    let stretch = start..<min(bytes.count, start + 1 + random.below(32))
    switch random.below(16) {
    case 0: bytes.removeSubrange(start...)
    case 1: bytes.removeSubrange(stretch)
    case 2: bytes.insert(contentsOf: bytes[stretch], at: random.below(bytes.count + 1))
    case 3, 4, 5:
      let edges: [UInt64] = [
        0, 1, 2, 255, 65_535, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max, .max - 1, .max / 2,
      ]
      let value = edges[random.below(edges.count)]
      for offset in 0..<(1 << random.below(4)) where start + offset < bytes.count {
        bytes[start + offset] = UInt8(truncatingIfNeeded: value >> UInt64(8 * offset))
      }
    case 6, 7: bytes[start] = bytes[random.below(bytes.count)]
    case 8, 9: bytes[start] ^= 1 << UInt8(random.below(8))
    case 10: bytes[start] = bytes[start] &+ 1
    case 11: bytes[start] = bytes[start] &- 1
    default: bytes[start] = UInt8(random.below(256))
    }
  }
}
