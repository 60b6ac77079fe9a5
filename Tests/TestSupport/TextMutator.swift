import Foundation

/// How many wrong files of each kind the tests make.
public enum Mutations {
  /// WORKBENCH_TEST_MUTATIONS, or else `usual`.
  public static func count(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["WORKBENCH_TEST_MUTATIONS"].flatMap { Int($0) } ?? usual
  }
}

/// Makes wrong texts or files out of right ones: the same seed and index give the same one.
public struct TextMutator: Sendable {
  /// The seed; print it when a test fails.
  public let seed: UInt64

  private let originals: [[UInt8]]
  private let pieces: [[UInt8]]

  /// Mutations of `originals`, into which `pieces` (what the format gives a meaning) are put too.
  public init(_ originals: [String], pieces: [String], seed: UInt64) {
    self.init(originals.map { Array($0.utf8) }, pieces: pieces.map { Array($0.utf8) }, seed: seed)
  }

  /// Mutations of `originals`, which need not be text.
  public init(_ originals: [[UInt8]], pieces: [[UInt8]], seed: UInt64) {
    self.originals = originals
    self.pieces = pieces
    self.seed = seed
  }

  /// Mutation number `index`, with one to five changes; it may not be UTF-8.
  public func mutation(_ index: Int) -> [UInt8] {
    var random = SplitMix64(seed: seed ^ (UInt64(truncatingIfNeeded: index) &* 0xD6E8_FEB8_6659_FD93))
    var bytes = originals[random.below(originals.count)]
    for _ in 0...random.below(5) { change(&bytes, &random) }
    return bytes
  }

  /// Drops, repeats, reverses or moves a stretch, puts a piece in, or changes a byte.
  private func change(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    let start = random.below(bytes.count + 1)
    let stretch = start..<max(start, min(start + 1 + random.below(24), bytes.count))
    switch random.below(8) {
    case 0: bytes.removeSubrange(stretch)
    case 1: bytes.insert(contentsOf: bytes[stretch], at: random.below(bytes.count + 1))
    case 2: bytes.replaceSubrange(stretch, with: bytes[stretch].reversed())
    case 3: bytes.insert(UInt8(random.below(256)), at: start)
    case 4:
      let piece = pieces[random.below(pieces.count)]
      for _ in 0...random.below(400) { bytes.insert(contentsOf: piece, at: start) }
    default: bytes.insert(contentsOf: pieces[random.below(pieces.count)], at: start)
    }
  }
}
