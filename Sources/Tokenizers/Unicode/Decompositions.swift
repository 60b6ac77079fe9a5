/// Decomposition and composition of scalars (Unicode Standard, section 3.11; Unicode Standard Annex 15).
struct Decompositions: Sendable {
  /// The table of the Unicode Character Database.
  static let shared = Decompositions()

  private var places = ScalarTable()
  private var mappings: [(scalars: [UInt32], isCompatible: Bool)] = []
  private var pairs: [UInt64: UInt32] = [:]

  private init() {
    UnicodeCanonicalMappings.text.withUTF8Buffer { read($0, isCompatible: false) }
    UnicodeCompatibilityMappings.text.withUTF8Buffer { read($0, isCompatible: true) }
  }

  /// Reads mappings such as "c0>41 300" (what a scalar becomes), "!915 93c" (what the next scalar does, one that
  /// composition leaves alone) and "61+19" (the same for the 25 scalars after it, with the next target each).
  private mutating func read(_ text: UnsafeBufferPointer<UInt8>, isCompatible: Bool) {
    var scalar: UInt32 = 0
    for entry in text.split(separator: UInt8(ascii: ";")) {
      var numbers: [UInt32] = [0]
      var isExcluded = false
      var isRun = false
      for byte in entry {
        if let digit = ByteToken.digit(byte) {
          numbers[numbers.count - 1] = numbers[numbers.count - 1] << 4 | UInt32(digit)
          continue
        }
        switch byte {
        case UInt8(ascii: ">"): (scalar, numbers) = (numbers[0], [0])
        case UInt8(ascii: "!"): isExcluded = true
        default:
          isRun = byte == UInt8(ascii: "+")
          numbers.append(0)
        }
      }
      let last = isRun ? numbers.removeLast() : 0
      for step in 0...last where scalar + step <= ScalarSet.maximum {
        places[scalar + step] = Int32(mappings.count)
        mappings.append((isRun ? [numbers[0] + step] : numbers, isCompatible))
      }
      if !isCompatible, !isExcluded, numbers.count == 2 {
        pairs[UInt64(numbers[0]) << 32 | UInt64(numbers[1])] = scalar
      }
      scalar += last + 1
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
    // The normal forms treat a mark that their version of Unicode lacks as a letter.
    return order == 0 || CharacterClasses.isMark(scalar) ? order : 0
  }
}
