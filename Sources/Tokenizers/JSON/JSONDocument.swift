/// The values of a JSON text, found in one pass and without recursion.
///
/// Strings and numbers stay where they are in the text and are read when asked for, so that a vocabulary of a quarter of
/// a million pieces costs two words a value. Grammar: RFC 8259. Immutable once made.
final class JSONDocument: Sendable {
  /// What a value is.
  enum Kind: UInt8, Sendable {
    case null, boolean, number, string, array, object
  }

  /// A value: its bytes, and the place behind its last descendant.
  struct Node: Sendable {
    var start: UInt32
    var end: UInt32
    var next: UInt32
    var kind: Kind
    /// Whether a string has escapes.
    var isEscaped = false
  }

  let bytes: [UInt8]
  let nodes: [Node]
  /// What errors call it.
  let name: String

  /// Parses `bytes`, whose size and nesting are bounded by `Limits`; `name` is what errors call them.
  init(_ bytes: [UInt8], name: String = "JSON") throws(TokenizerError) {
    guard bytes.count <= Limits.fileBytes else {
      throw .limit(name: "fileBytes", found: bytes.count, maximum: Limits.fileBytes)
    }
    self.name = name
    var parser = JSONParser(name: name, count: bytes.count)
    try bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in try parser.parse(buffer) }
    self.bytes = bytes
    self.nodes = parser.nodes
  }

  /// The outermost value.
  var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// The states of reading a JSON text: a stack of open arrays and objects, and what may come next.
private struct JSONParser {
  private(set) var nodes: [JSONDocument.Node] = []
  private var open: [Int] = []
  private var position = 0

  private let name: String

  init(name: String, count: Int) {
    self.name = name
    nodes.reserveCapacity(count / 16)
  }

  mutating func parse(_ text: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    try value(text)
    while let container = open.last {
      let isObject = nodes[container].kind == .object
      let close = UInt8(ascii: isObject ? "}" : "]")
      skipSpace(text)
      let isFirst = nodes.count == container + 1
      if try peek(text) == close {
        position += 1
        nodes[container].end = UInt32(position)
        nodes[container].next = UInt32(nodes.count)
        open.removeLast()
        continue
      }
      if !isFirst {
        try expect(UInt8(ascii: ","), text)
        skipSpace(text)
      }
      if isObject {
        guard try peek(text) == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
        try string(text)
        skipSpace(text)
        try expect(UInt8(ascii: ":"), text)
      }
      try value(text)
    }
    skipSpace(text)
    guard position == text.count else { throw error("something follows the end of the value") }
  }

  private func error(_ reason: String) -> TokenizerError {
    .malformed(format: name, offset: position, reason: reason)
  }

  private mutating func skipSpace(_ text: UnsafeBufferPointer<UInt8>) {
    while position < text.count {
      let byte = text[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      position += 1
    }
  }

  private func peek(_ text: UnsafeBufferPointer<UInt8>) throws(TokenizerError) -> UInt8 {
    guard position < text.count else { throw error("ends too early") }
    return text[position]
  }

  private mutating func expect(_ byte: UInt8, _ text: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
    guard try peek(text) == byte else { throw error("expected \"\(Unicode.Scalar(byte))\"") }
    position += 1
  }

  private mutating func add(_ kind: JSONDocument.Kind, _ start: Int, _ end: Int, escaped: Bool = false)
    throws(TokenizerError)
  {
    guard nodes.count < Limits.jsonValues else {
      throw .limit(name: "jsonValues", found: nodes.count + 1, maximum: Limits.jsonValues)
    }
    nodes.append(
      .init(
        start: UInt32(start), end: UInt32(end), next: UInt32(nodes.count + 1), kind: kind, isEscaped: escaped)
    )
  }

  private mutating func value(_ text: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
    skipSpace(text)
    let first = try peek(text)
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard open.count < Limits.jsonDepth else {
        throw .limit(name: "jsonDepth", found: open.count + 1, maximum: Limits.jsonDepth)
      }
      open.append(nodes.count)
      try add(first == UInt8(ascii: "{") ? .object : .array, position, position)
      position += 1
    case UInt8(ascii: "\""): try string(text)
    case UInt8(ascii: "t"): try word("true", .boolean, text)
    case UInt8(ascii: "f"): try word("false", .boolean, text)
    case UInt8(ascii: "n"): try word("null", .null, text)
    case UInt8(ascii: "-"), 0x30...0x39: try number(text)
    default: throw error("expected a value")
    }
  }

  private mutating func word(
    _ word: StaticString, _ kind: JSONDocument.Kind, _ text: UnsafeBufferPointer<UInt8>
  ) throws(TokenizerError) {
    let count = word.utf8CodeUnitCount
    guard text.count - position >= count,
      UnsafeBufferPointer(rebasing: text[position..<(position + count)])
        .elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: count))
    else { throw error("expected a value") }
    try add(kind, position, position + count)
    position += count
  }

  private mutating func number(_ text: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
    let start = position
    func digits() -> Bool {
      let first = position
      while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
      return position > first
    }
    func take(_ bytes: String) -> Bool {
      guard position < text.count, bytes.utf8.contains(text[position]) else { return false }
      position += 1
      return true
    }
    _ = take("-")
    let hasZero = position < text.count && text[position] == 0x30
    let first = position
    guard digits(), !hasZero || position == first + 1 else { throw error("expected digits") }
    if take("."), !digits() { throw error("expected digits") }
    if take("eE") {
      _ = take("+-")
      guard digits() else { throw error("expected digits") }
    }
    try add(.number, start, position)
  }

  private mutating func string(_ text: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
    position += 1
    let start = position
    var isEscaped = false
    while true {
      let byte = try peek(text)
      if byte == UInt8(ascii: "\"") { break }
      if byte < 0x20 { throw error("a control character in a string") }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        try escape(text)
      } else if byte < 0x80 {
        position += 1
      } else {
        guard let base = text.baseAddress else { return }
        let length = UTF8Scalar.decode(base, at: position, to: text.count).length
        guard length > 1 else { throw error("a string is not UTF-8") }
        position += length
      }
    }
    try add(.string, start, position, escaped: isEscaped)
    position += 1
  }

  private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
    guard position + 1 < text.count else { throw error("ends too early") }
    switch text[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      guard let unit = JSONValue.hexadecimal(text, position + 2) else { throw error("\\u needs four digits") }
      if unit & 0xFC00 == 0xD800 {
        guard position + 7 < text.count, text[position + 6] == UInt8(ascii: "\\"),
          text[position + 7] == UInt8(ascii: "u"), let low = JSONValue.hexadecimal(text, position + 8),
          low & 0xFC00 == 0xDC00
        else { throw error("half of a surrogate pair") }
        position += 12
      } else {
        guard unit & 0xFC00 != 0xDC00 else { throw error("half of a surrogate pair") }
        position += 6
      }
    default: throw error("an unknown escape")
    }
  }
}
