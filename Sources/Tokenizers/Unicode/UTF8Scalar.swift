/// Reads one scalar from bytes that may be ill-formed.
enum UTF8Scalar {
  /// The scalar that stands for an ill-formed byte.
  static let replacement: UInt32 = 0xFFFD

  /// The scalar at `position` and its length; an ill-formed byte is one U+FFFD of length 1.
  ///
  /// `position` must be below `end`.
  @inline(__always)
  static func decode(_ text: UnsafePointer<UInt8>, at position: Int, to end: Int) -> (
    scalar: UInt32, length: Int
  ) {
    let lead = UInt32(text[position])
    if lead < 0x80 { return (lead, 1) }
    let left = end - position
    if lead >= 0xC2, lead < 0xE0, left >= 2, let second = continuation(text[position + 1]) {
      return ((lead & 0x1F) << 6 | second, 2)
    }
    if lead & 0xF0 == 0xE0, left >= 3, let second = continuation(text[position + 1]),
      let third = continuation(text[position + 2])
    {
      let scalar = (lead & 0x0F) << 12 | second << 6 | third
      if scalar >= 0x800, scalar & 0xF800 != 0xD800 { return (scalar, 3) }
    }
    if lead >= 0xF0, lead < 0xF5, left >= 4, let second = continuation(text[position + 1]),
      let third = continuation(text[position + 2]), let fourth = continuation(text[position + 3])
    {
      let scalar = (lead & 0x07) << 18 | second << 12 | third << 6 | fourth
      if scalar >= 0x10000, scalar <= ScalarSet.maximum { return (scalar, 4) }
    }
    return (replacement, 1)
  }

  /// The scalar that ends at `position` and its length, consistent with decoding forwards.
  ///
  /// `position` must be above `start`.
  static func decode(_ text: UnsafePointer<UInt8>, before position: Int, from start: Int) -> (
    scalar: UInt32, length: Int
  ) {
    var lead = position - 1
    while lead > start, position - lead < 4, text[lead] & 0xC0 == 0x80 { lead -= 1 }
    let (scalar, length) = decode(text, at: lead, to: position)
    return lead + length == position ? (scalar, length) : (replacement, 1)
  }

  @inline(__always)
  private static func continuation(_ byte: UInt8) -> UInt32? {
    byte & 0xC0 == 0x80 ? UInt32(byte & 0x3F) : nil
  }
}

extension UTF8Scalar {
  /// Calls `body` with the bytes of `scalar`, which must be at most U+10FFFF.
  @inline(__always)
  static func encode(_ scalar: UInt32, _ body: (UInt8) -> Void) {
    func low(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift) & 0x3F) }
    if scalar < 0x80 {
      body(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      body(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      body(low(0))
    } else if scalar < 0x10000 {
      body(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      body(low(6))
      body(low(0))
    } else {
      body(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
      body(low(12))
      body(low(6))
      body(low(0))
    }
  }

  /// The bytes of `scalar`.
  static func bytes(_ scalar: UInt32) -> [UInt8] {
    var result: [UInt8] = []
    encode(scalar) { result.append($0) }
    return result
  }

  /// The scalars of `bytes`.
  static func scalars(_ bytes: [UInt8]) -> [UInt32] {
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return [] }
      var result: [UInt32] = []
      var position = 0
      while position < buffer.count {
        let (scalar, length) = decode(base, at: position, to: buffer.count)
        result.append(scalar)
        position += length
      }
      return result
    }
  }
}
