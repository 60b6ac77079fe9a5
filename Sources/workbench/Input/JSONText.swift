/// A JSON value that remembers how it was written.
///
/// The order of keys matters to templates and numbers are passed on as they are spelled, so values that this
/// program does not read itself are handed to the daemon in their own text. Source: RFC 8259.
struct JSONText: Equatable {
  /// What the value is.
  indirect enum Kind: Equatable {
    case object([Member])
    case array([JSONText])
    case string(String)
    case number
    case bool(Bool)
    case null
  }

  /// A key and its value.
  struct Member: Equatable {
    var key: String
    var value: JSONText
  }

  /// What the value is.
  var kind: Kind
  /// How it was written.
  var source: String

  /// Reads a whole text.
  init(parsing text: String) throws(ClientError) {
    var reader = JSONReader(Array(text.utf8))
    self = try reader.document()
  }

  init(kind: Kind, source: String) {
    self.kind = kind
    self.source = source
  }

  /// What the value is, for messages.
  var typeName: String {
    switch kind {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .bool: "a boolean"
    case .null: "null"
    }
  }
}

/// Recursive descent over UTF-8 bytes, with a bound on depth.
private struct JSONReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() throws(ClientError) -> JSONText {
    let value = try value(depth: 0)
    skipBlanks()
    guard position == bytes.count else { throw failure("nothing may follow the value") }
    return value
  }

  private mutating func value(depth: Int) throws(ClientError) -> JSONText {
    guard depth < Limits.jsonDepth else { throw failure("nested more than \(Limits.jsonDepth) deep") }
    skipBlanks()
    let start = position
    let kind: JSONText.Kind
    switch peek {
    case UInt8(ascii: "{"): kind = .object(try members(depth))
    case UInt8(ascii: "["): kind = .array(try elements(depth))
    case UInt8(ascii: "\""): kind = .string(try string())
    case UInt8(ascii: "t"): kind = try word("true", .bool(true))
    case UInt8(ascii: "f"): kind = try word("false", .bool(false))
    case UInt8(ascii: "n"): kind = try word("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      try number()
      kind = .number
    default: throw failure("a value is expected")
    }
    return JSONText(kind: kind, source: String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func members(_ depth: Int) throws(ClientError) -> [JSONText.Member] {
    var members: [JSONText.Member] = []
    var keys: Set<String> = []
    position += 1
    skipBlanks()
    if take("}") { return members }
    while true {
      skipBlanks()
      guard peek == UInt8(ascii: "\"") else { throw failure("a key in quotes is expected") }
      let key = try string()
      guard keys.insert(key).inserted else { throw failure("the key \"\(key)\" stands twice") }
      skipBlanks()
      guard take(":") else { throw failure("':' is expected") }
      members.append(.init(key: key, value: try value(depth: depth + 1)))
      skipBlanks()
      if take("}") { return members }
      guard take(",") else { throw failure("',' or '}' is expected") }
    }
  }

  private mutating func elements(_ depth: Int) throws(ClientError) -> [JSONText] {
    var elements: [JSONText] = []
    position += 1
    skipBlanks()
    if take("]") { return elements }
    while true {
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      if take("]") { return elements }
      guard take(",") else { throw failure("',' or ']' is expected") }
    }
  }

  private mutating func string() throws(ClientError) -> String {
    position += 1
    var units: [UInt8] = []
    while let byte = peek {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
      case UInt8(ascii: "\\"): units += String(try escape()).utf8
      case 0..<0x20: throw failure("a control character must be escaped")
      default: units.append(byte)
      }
    }
    throw failure("the string does not end")
  }

  private mutating func escape() throws(ClientError) -> Unicode.Scalar {
    guard let byte = peek else { throw failure("the string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw failure("an unknown escape")
    }
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // A high surrogate needs the low one after it; either alone is no character.
    guard (0xD800..<0xDC00).contains(unit), take("\\"), take("u") else {
      throw failure("half a surrogate pair")
    }
    let low = try hexadecimal()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
    else { throw failure("half a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(ClientError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits are expected")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func number() throws(ClientError) {
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
  }

  private mutating func digits() throws(ClientError) {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw failure("a digit is expected") }
  }

  private mutating func word(_ text: String, _ kind: JSONText.Kind) throws(ClientError) -> JSONText.Kind {
    guard bytes[position...].starts(with: text.utf8) else { throw failure("a value is expected") }
    position += text.utf8.count
    return kind
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard let byte = peek, UInt32(byte) == scalar.value else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private func failure(_ reason: String) -> ClientError {
    let before = bytes[..<position]
    let line = before.count(where: { $0 == 0x0A }) + 1
    let column = position - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
    return ClientError(.usage, "JSON, line \(line), column \(column): \(reason)")
  }
}
