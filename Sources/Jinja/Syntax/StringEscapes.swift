/// The backslash escapes of Python string literals.
///
/// Table: https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences
enum StringEscapes {
  /// Decodes the body of a literal.
  static func decode(_ source: [UInt8], _ body: Range<Int>) throws(JinjaError) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(body.count)
    var at = body.lowerBound
    while at < body.upperBound {
      guard source[at] == UInt8(ascii: "\\"), at + 1 < body.upperBound else {
        out.append(source[at])
        at += 1
        continue
      }
      try one(source, &at, body.upperBound, &out)
    }
    return out
  }

  private static func one(
    _ source: [UInt8], _ at: inout Int, _ end: Int, _ out: inout [UInt8]
  ) throws(JinjaError) {
    let start = at
    let byte = source[at + 1]
    at += 2
    switch byte {
    case 0x0A: break
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): out.append(byte)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "a"): out.append(0x07)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "v"): out.append(0x0B)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      at -= 1
      var value: UInt32 = 0
      let limit = min(at + 3, end)
      while at < limit, (0x30...0x37).contains(source[at]) {
        value = value << 3 | UInt32(source[at] - 0x30)
        at += 1
      }
      try append(value, &out, start)
    case UInt8(ascii: "x"): try append(hex(source, &at, end, 2, start), &out, start)
    case UInt8(ascii: "u"):
      var value = try hex(source, &at, end, 4, start)
      // Python would make two lone surrogates here and fail later; the pair is what was meant.
      if (0xD800..<0xDC00).contains(value), at + 1 < end, source[at] == UInt8(ascii: "\\"),
        source[at + 1] == UInt8(ascii: "u")
      {
        at += 2
        let low = try hex(source, &at, end, 4, start)
        guard (0xDC00..<0xE000).contains(low) else { throw invalid(start) }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      try append(value, &out, start)
    case UInt8(ascii: "U"): try append(hex(source, &at, end, 8, start), &out, start)
    case UInt8(ascii: "N"): throw JinjaError(.unsupported, "'\\N{…}' is not supported", at: start)
    default:
      out.append(UInt8(ascii: "\\"))
      at -= 1
    }
  }

  private static func invalid(_ start: Int) -> JinjaError {
    JinjaError(.syntax, "the escape is not a code point", at: start)
  }

  private static func append(_ value: UInt32, _ out: inout [UInt8], _ start: Int) throws(JinjaError) {
    guard let scalar = Unicode.Scalar(value) else { throw invalid(start) }
    out.append(contentsOf: Array(String(scalar).utf8))
  }

  private static func hex(
    _ source: [UInt8], _ at: inout Int, _ end: Int, _ count: Int, _ start: Int
  ) throws(JinjaError) -> UInt32 {
    guard end - at >= count, source[at..<at + count].allSatisfy(UInt8.isHexDigit),
      let value = UInt32(String(decoding: source[at..<at + count], as: UTF8.self), radix: 16)
    else { throw JinjaError(.syntax, "the escape needs \(count) hexadecimal digits", at: start) }
    at += count
    return value
  }
}

extension UInt8 {
  static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }
}
