/// Decomposition and composition of scalars (Unicode Standard, section 3.11; Unicode Standard Annex 15).
struct Decompositions: Sendable {
  /// The table of the Unicode Character Database.
  static let shared = Decompositions()

  private var places = ScalarTable()
  private var mappings: [(scalars: [UInt32], isCompatible: Bool)] = []
  private var pairs: [UInt64: UInt32] = [:]

  private init() {
    UnicodeDecompositions.text.withUTF8Buffer { text in
      for entry in text.split(separator: UInt8(ascii: ";")) {
        let mark = entry.first
        let isMarked = mark == UInt8(ascii: "~") || mark == UInt8(ascii: "!")
        let numbers = entry.dropFirst(isMarked ? 1 : 0).split(separator: 32).compactMap { digits -> UInt32? in
          digits.reduce(UInt32?.some(0)) { sum, byte in
            guard let sum, let digit = ByteToken.digit(byte) else { return nil }
            return sum << 4 | UInt32(digit)
          }
        }
        guard let scalar = numbers.first, scalar <= ScalarSet.maximum, numbers.count > 1 else { continue }
        places[scalar] = Int32(mappings.count)
        mappings.append((Array(numbers.dropFirst()), mark == UInt8(ascii: "~")))
        if !isMarked, numbers.count == 3 { pairs[UInt64(numbers[1]) << 32 | UInt64(numbers[2])] = scalar }
      }
    }
  }

  /// Calls `body` with what `scalar` decomposes into, canonically or also by compatibility.
  func decompose(_ scalar: UInt32, isCompatible: Bool, _ body: (UInt32) -> Void) {
    if scalar < 0xA0 { return body(scalar) }
    if scalar >= 0xAC00, scalar < 0xAC00 + 11172 {
      let index = scalar - 0xAC00
      body(0x1100 + index / 588)
      body(0x1161 + index % 588 / 28)
      if index % 28 > 0 { body(0x11A7 + index % 28) }
      return
    }
    let place = places[scalar]
    guard place >= 0 else { return body(scalar) }
    let mapping = mappings[Int(place)]
    guard isCompatible || !mapping.isCompatible else { return body(scalar) }
    for part in mapping.scalars { decompose(part, isCompatible: isCompatible, body) }
  }

  /// The scalar that `first` and `second` compose to.
  func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if (0x1100..<0x1113).contains(first), (0x1161..<0x1176).contains(second) {
      return 0xAC00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
    }
    if (0xAC00..<(0xAC00 + 11172)).contains(first), (first - 0xAC00) % 28 == 0,
      (0x11A8..<0x11C3).contains(second)
    {
      return first + (second - 0x11A7)
    }
    return pairs[UInt64(first) << 32 | UInt64(second)]
  }

  /// The canonical combining class.
  @inline(__always)
  static func combiningClass(_ scalar: UInt32) -> UInt8 {
    guard scalar >= 0x300, let unicode = Unicode.Scalar(scalar) else { return 0 }
    let order = unicode.properties.canonicalCombiningClass.rawValue
    // A mark that the normal forms do not know yet is a letter to them.
    return order == 0 || CharacterClasses.isMark(scalar) ? order : 0
  }
}
