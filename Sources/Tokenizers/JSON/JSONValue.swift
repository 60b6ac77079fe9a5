/// One value of a JSON text; reading it as something that it is not throws an error with its place.
struct JSONValue: Sendable {
  let document: JSONDocument
  let index: Int

  private var node: JSONDocument.Node { document.nodes[index] }
  /// What it is.
  var kind: JSONDocument.Kind { node.kind }
  /// Whether it is null.
  var isNull: Bool { kind == .null }
  /// Where it is in the text.
  var offset: Int { Int(node.start) }

  /// An error about this value.
  func error(_ reason: String) -> TokenizerError {
    .malformed(format: document.name, offset: offset, reason: reason)
  }

  /// The member `key` of an object, the last if there are several; nil for none or null.
  func member(_ key: StaticString) throws(TokenizerError) -> JSONValue? {
    guard kind == .object else { throw error("expected an object") }
    var found: JSONValue?
    var place = index + 1
    while place < Int(node.next) {
      let name = JSONValue(document: document, index: place)
      let value = JSONValue(document: document, index: place + 1)
      if name.spells(key) { found = value }
      place = Int(document.nodes[place + 1].next)
    }
    return found?.isNull == true ? nil : found
  }

  /// The member `key`, which must be there.
  func required(_ key: StaticString) throws(TokenizerError) -> JSONValue {
    guard let value = try member(key) else { throw error("lacks \"\(key)\"") }
    return value
  }

  private func spells(_ text: StaticString) -> Bool {
    guard node.end - node.start == text.utf8CodeUnitCount, !node.isEscaped else { return false }
    return document.bytes[Int(node.start)..<Int(node.end)]
      .elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Calls `body` with every member of an object, in order.
  func forEachMember(_ body: (JSONValue, JSONValue) throws(TokenizerError) -> Void) throws(TokenizerError) {
    guard kind == .object else { throw error("expected an object") }
    var place = index + 1
    let end = Int(node.next)
    while place < end {
      try body(JSONValue(document: document, index: place), JSONValue(document: document, index: place + 1))
      place = Int(document.nodes[place + 1].next)
    }
  }

  /// Calls `body` with every element of an array, in order.
  func forEachElement(_ body: (JSONValue) throws(TokenizerError) -> Void) throws(TokenizerError) {
    guard kind == .array else { throw error("expected an array") }
    var place = index + 1
    let end = Int(node.next)
    while place < end {
      try body(JSONValue(document: document, index: place))
      place = Int(document.nodes[place].next)
    }
  }

  /// The elements of an array.
  func elements() throws(TokenizerError) -> [JSONValue] {
    var result: [JSONValue] = []
    try forEachElement { (element) throws(TokenizerError) in result.append(element) }
    return result
  }

  /// The number of values in it, at every depth.
  var valueCount: Int { Int(node.next) - index - 1 }

  /// The elements of an array of two.
  func pair(_ reason: String) throws(TokenizerError) -> (JSONValue, JSONValue) {
    guard kind == .array else { throw error("expected an array") }
    let end = Int(node.next)
    guard index + 1 < end else { throw error(reason) }
    let second = Int(document.nodes[index + 1].next)
    guard second < end, Int(document.nodes[second].next) == end else { throw error(reason) }
    return (JSONValue(document: document, index: index + 1), JSONValue(document: document, index: second))
  }

  /// Calls `body` with the bytes of a string.
  @inline(__always)
  func withBytes(
    _ body: (UnsafeBufferPointer<UInt8>) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    if kind == .string, !node.isEscaped {
      let range = Int(node.start)..<Int(node.end)
      try document.bytes.withUnsafeBufferPointer { (all) throws(TokenizerError) in
        try body(UnsafeBufferPointer(rebasing: all[range]))
      }
    } else {
      try bytes().withUnsafeBufferPointer { (all) throws(TokenizerError) in try body(all) }
    }
  }

  /// The bytes of a string.
  func bytes() throws(TokenizerError) -> [UInt8] {
    guard kind == .string else { throw error("expected a string") }
    let raw = document.bytes[Int(node.start)..<Int(node.end)]
    return node.isEscaped ? Self.unescaped(raw) : Array(raw)
  }

  /// The text of a string.
  func text() throws(TokenizerError) -> String {
    String(decoding: try bytes(), as: UTF8.self)
  }

  /// The truth of a boolean.
  func flag() throws(TokenizerError) -> Bool {
    guard kind == .boolean else { throw error("expected true or false") }
    return document.bytes[Int(node.start)] == UInt8(ascii: "t")
  }

  /// A number as an integer.
  func integer() throws(TokenizerError) -> Int {
    // Digits alone are an id, of which a vocabulary has many.
    if kind == .number, node.end - node.start <= 9 {
      var value = 0
      var isPlain = true
      for byte in document.bytes[Int(node.start)..<Int(node.end)] {
        guard byte >= 0x30, byte <= 0x39 else {
          isPlain = false
          break
        }
        value = value * 10 + Int(byte - 0x30)
      }
      if isPlain { return value }
    }
    guard kind == .number, let value = Int(literal) else { throw error("expected an integer") }
    return value
  }

  /// A number.
  func double() throws(TokenizerError) -> Double {
    let digits = document.bytes[Int(node.start)..<Int(node.end)]
    guard kind == .number, let value = JSONNumber.parse(digits) else { throw error("expected a number") }
    return value
  }

  /// The boolean of a member, `fallback` when there is none.
  func flag(_ key: StaticString, default fallback: Bool) throws(TokenizerError) -> Bool {
    try member(key)?.flag() ?? fallback
  }

  private var literal: String {
    String(decoding: document.bytes[Int(node.start)..<Int(node.end)].prefix(64), as: UTF8.self)
  }

  private static func unescaped(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    raw.withUnsafeBufferPointer { raw in
      var result: [UInt8] = []
      result.reserveCapacity(raw.count)
      var position = 0
      while position < raw.count {
        guard raw[position] == UInt8(ascii: "\\"), position + 1 < raw.count else {
          result.append(raw[position])
          position += 1
          continue
        }
        guard raw[position + 1] == UInt8(ascii: "u"), var scalar = hexadecimal(raw, position + 2) else {
          result.append(simple(raw[position + 1]))
          position += 2
          continue
        }
        position += 6
        if scalar & 0xFC00 == 0xD800, let low = hexadecimal(raw, position + 2) {
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
          position += 6
        }
        UTF8Scalar.encode(scalar) { result.append($0) }
      }
      return result
    }
  }

  private static func simple(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: byte
    }
  }

  /// The number that four hexadecimal digits at `start` spell.
  static func hexadecimal(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32? {
    guard start + 4 <= text.count else { return nil }
    var value: UInt32 = 0
    for byte in text[start..<(start + 4)] {
      guard let digit = ByteToken.digit(byte) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
