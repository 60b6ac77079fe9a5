extension Value {
  /// How deep JSON may nest.
  public static let jsonNesting = 128

  /// Reads JSON as Python's `json.loads` does: key order kept, a repeated key keeps the last value, `1` is an
  /// integer and `1.0` is not, `NaN` and `Infinity` are numbers.
  ///
  /// Differs in one point: an integer beyond 64 bits is an error.
  public init(json text: String) throws(JinjaError) {
    var parser = JSONReader(bytes: Array(text.utf8))
    self = try parser.document()
  }
}

/// A strict recursive-descent JSON reader with a bound on depth.
private struct JSONReader {
  let bytes: [UInt8]
  var at = 0

  func error(_ message: String) -> JinjaError {
    JinjaError(.value, "JSON: \(message)", at: at).located(in: bytes, at: at)
  }

  mutating func document() throws(JinjaError) -> Value {
    let value = try value(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw error("something follows the value") }
    return value
  }

  mutating func skipSpace() {
    while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
  }

  mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - at >= count else { return false }
    for offset in 0..<count where bytes[at + offset] != word.utf8Start[offset] { return false }
    at += count
    return true
  }

  mutating func value(depth: Int) throws(JinjaError) -> Value {
    guard depth <= Value.jsonNesting else { throw error("nested deeper than \(Value.jsonNesting)") }
    skipSpace()
    guard at < bytes.count else { throw error("a value is missing") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    default: break
    }
    if take("null") { return .none }
    if take("true") { return .bool(true) }
    if take("false") { return .bool(false) }
    if take("NaN") { return .double(.nan) }
    if take("Infinity") { return .double(.infinity) }
    if take("-Infinity") { return .double(-.infinity) }
    return try number()
  }

  mutating func object(depth: Int) throws(JinjaError) -> Value {
    at += 1
    var fields = Value.Fields()
    skipSpace()
    if take("}") { return .dict(fields) }
    repeat {
      skipSpace()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw error("a key must be a string") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw error("':' is missing") }
      fields[key] = try value(depth: depth + 1)
      skipSpace()
    } while take(",")
    guard take("}") else { throw error("',' or '}' is missing") }
    return .dict(fields)
  }

  mutating func array(depth: Int) throws(JinjaError) -> Value {
    at += 1
    var items: [Value] = []
    skipSpace()
    if take("]") { return .list(items) }
    repeat {
      items.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw error("',' or ']' is missing") }
    return .list(items)
  }

  mutating func digits() -> Int {
    let start = at
    while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
    return at - start
  }

  mutating func number() throws(JinjaError) -> Value {
    let start = at
    if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
    let leadingZero = at < bytes.count && bytes[at] == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, whole == 1 || !leadingZero else { throw error("not a value") }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard digits() > 0 else { throw error("digits are missing after '.'") }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      guard digits() > 0 else { throw error("digits are missing in the exponent") }
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isInteger {
      guard let number = Int(text) else { throw error("an integer that does not fit 64 bits") }
      return .int(number)
    }
    return .double(Double(text) ?? (text.hasPrefix("-") ? -.infinity : .infinity))
  }

  mutating func string() throws(JinjaError) -> String {
    at += 1
    var out: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at += 1
        return String(decoding: out, as: UTF8.self)
      }
      guard byte >= 0x20 else { throw error("a control character in a string") }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &out)
      } else {
        out.append(byte)
        at += 1
      }
    }
    throw error("a string does not end")
  }

  mutating func escape(into out: inout [UInt8]) throws(JinjaError) {
    at += 1
    guard at < bytes.count else { throw error("a string does not end") }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "u"):
      var unit = try hex4()
      if (0xD800..<0xDC00).contains(unit), take("\\u") {
        let low = try hex4()
        guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(unit) else { throw error("half a surrogate pair") }
      out.append(contentsOf: Array(String(scalar).utf8))
    default: throw error("an unknown escape")
    }
  }

  mutating func hex4() throws(JinjaError) -> UInt32 {
    guard bytes.count - at >= 4, bytes[at..<at + 4].allSatisfy(UInt8.isHexDigit),
      let unit = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits are missing") }
    at += 4
    return unit
  }
}

extension UInt8 {
  static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }
}
