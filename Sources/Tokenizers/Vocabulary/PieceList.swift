/// Many byte strings in one block of memory.
struct PieceList: Sendable {
  /// All strings, one after another.
  private(set) var bytes: [UInt8] = []
  /// The start of each string in `bytes`, and the end of the last.
  private(set) var offsets: [Int] = [0]

  /// The number of strings.
  var count: Int { offsets.count - 1 }

  /// The length of the longest string in bytes; 0 without any.
  var longest: Int { zip(offsets, offsets.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) } }

  /// Adds a string at the end.
  @inline(__always)
  mutating func append(_ piece: some Sequence<UInt8>) {
    bytes.append(contentsOf: piece)
    offsets.append(bytes.count)
  }

  /// Makes room for `count` strings of `byteCount` bytes in all.
  mutating func reserve(_ count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    offsets.reserveCapacity(count + 1)
  }

  /// The place of string `index` in `bytes`.
  @inline(__always)
  func range(_ index: Int) -> Range<Int> {
    offsets[index]..<offsets[index + 1]
  }

  /// A copy of string `index`; empty if the index is out of range.
  subscript(index: Int) -> [UInt8] {
    index >= 0 && index < count ? Array(bytes[range(index)]) : []
  }
}
