/// A precompiled normalization of SentencePiece: sequences of bytes → what they become ("nmt_nfkc" and others).
///
/// The bytes are the length of a double-array trie in 32 bits, the trie, and strings that each end with a zero byte;
/// the trie's values are offsets into the strings. The layout of a unit is that of Darts-clone
/// (github.com/s-yata/darts-clone): label in bits 0 to 7, bit 8 "has a value", bits 10 and up the offset of its
/// children, shifted by 8 when bit 9 is set; a value has bit 31 set.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let strings: [UInt8]
  /// Whether a sequence begins with each byte.
  private let begins: [Bool]
  /// For each ASCII byte, whether no sequence consists of it alone or continues with another ASCII byte.
  private let isPlain: [Bool]

  /// Reads the bytes of `precompiled_charsmap`; nil if there are none.
  init?(_ blob: [UInt8]) throws(TokenizerError) {
    guard !blob.isEmpty else { return nil }
    func word(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(blob[offset + $1]) << UInt32($1 * 8) }
    }
    guard blob.count > 4, let size = Int(exactly: word(0)), size % 4 == 0, size >= 1024, size < blob.count - 4
    else {
      throw .malformed(
        format: "precompiled_charsmap", offset: 0,
        reason: "the length of its trie does not match its \(blob.count) bytes")
    }
    units = stride(from: 4, to: size + 4, by: 4).map(word)
    strings = Array(blob[(size + 4)...])
    let root = Self.children(of: units[0], at: 0)
    let all = units
    begins = (0...255).map { byte in
      let place = root ^ byte
      return place < all.count && all[place] & 0x8000_00FF == UInt32(byte)
    }
    let known = begins
    isPlain = (0..<128).map { byte in
      guard known[byte] else { return true }
      let unit = all[root ^ byte]
      let first = Self.children(of: unit, at: root ^ byte)
      return unit & 0x100 == 0
        && !(0..<128).contains { next in
          let place = first ^ next
          return place < all.count && all[place] & 0x8000_00FF == UInt32(next)
        }
    }
  }

  /// Whether no sequence can begin with the byte at `start`, judging by that byte and the next.
  @inline(__always)
  func leavesAlone(_ text: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int) -> Bool {
    let byte = text[start]
    return byte < 0x80 && isPlain[Int(byte)] && (start + 1 == end || text[start + 1] < 0x80)
  }

  private static func children(of unit: UInt32, at place: Int) -> Int {
    place ^ Int((unit >> 10) << ((unit & 0x200) >> 6))
  }

  /// Whether no sequence begins with `byte`.
  @inline(__always)
  func leavesAlone(_ byte: UInt8) -> Bool { !begins[Int(byte)] }

  /// What the longest (or the shortest) sequence at `start` becomes, and the sequence's length.
  func match(
    _ text: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int, shortest: Bool = false
  ) throws(TokenizerError) -> (replacement: ArraySlice<UInt8>, length: Int)? {
    guard start < end, begins[Int(text[start])] else { return nil }
    var found: (value: Int, length: Int)?
    var place = Self.children(of: units[0], at: 0)
    var position = start
    let last = min(end, start + Limits.charsmapKeyBytes)
    while position < last {
      place ^= Int(text[position])
      guard place < units.count else { break }
      let unit = units[place]
      guard unit & 0x8000_00FF == UInt32(text[position]) else { break }
      place = Self.children(of: unit, at: place)
      position += 1
      if unit & 0x100 != 0, place < units.count {
        found = (Int(units[place] & 0x7FFF_FFFF), position - start)
        if shortest { break }
      }
    }
    guard let found else { return nil }
    return (try string(found.value), found.length)
  }

  private func string(_ offset: Int) throws(TokenizerError) -> ArraySlice<UInt8> {
    guard offset < strings.count else {
      throw .malformed(
        format: "precompiled_charsmap", offset: offset,
        reason: "is outside its strings, which have \(strings.count) bytes")
    }
    let limit = min(strings.count, offset + Limits.replacementBytes)
    guard let end = strings[offset..<limit].firstIndex(of: 0) else {
      throw .malformed(
        format: "precompiled_charsmap", offset: offset,
        reason: "a string does not end within \(Limits.replacementBytes) bytes")
    }
    return strings[offset..<end]
  }
}
