/// The states of reading a JSON text: a stack of open arrays and objects, and what may come next.
struct JSONParser {
  /// What stopped it, and at which byte.
  struct Failure: Error {
    let problem: JSONError.Problem
    let offset: Int
  }

  /// UTF-8's byte order mark, which some editors put in front of a text.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  let text: UnsafeBufferPointer<UInt8>
  let options: JSONOptions
  var position = 0
  private(set) var nodes: [JSONDocument.Node] = []
  private var open: [Int] = []

  init(_ text: UnsafeBufferPointer<UInt8>, _ options: JSONOptions) {
    self.text = text
    self.options = options
    nodes.reserveCapacity(text.count / 16)
  }

  mutating func parse() throws(Failure) {
    if text.starts(with: Self.byteOrderMark) { position = Self.byteOrderMark.count }
    try value()
    while let container = open.last {
      let isObject = nodes[container].kind == .object
      let isFirst = nodes.count == container + 1
      skipSpace()
      if try next(container, isObject, isFirst) { continue }
      if isObject { try key(isFirst) }
      try value()
    }
    skipSpace()
    guard position == text.count else { throw failure("nothing may follow the value") }
  }

  /// Goes behind the closing bracket or the comma; true when the container is closed.
  private mutating func next(_ container: Int, _ isObject: Bool, _ isFirst: Bool) throws(Failure) -> Bool {
    let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    guard let byte = peek else { throw failure(isObject ? "expected ',' or '}'" : "expected ',' or ']'") }
    if byte == close {
      position += 1
      nodes[container].end = UInt32(truncatingIfNeeded: position)
      nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
      open.removeLast()
      if isObject, options.refusesDuplicateKeys { try refuseDuplicates(container) }
      return true
    }
    if isFirst { return false }
    guard byte == UInt8(ascii: ",") else {
      throw failure(isObject ? "expected ',' or '}'" : "expected ',' or ']'")
    }
    position += 1
    skipSpace()
    return false
  }

  private mutating func key(_ isFirst: Bool) throws(Failure) {
    guard peek == UInt8(ascii: "\"") else {
      throw failure(isFirst ? "expected a key in double quotes or '}'" : "expected a key in double quotes")
    }
    try string()
    skipSpace()
    guard peek == UInt8(ascii: ":") else { throw failure("expected ':'") }
    position += 1
  }

  private mutating func value() throws(Failure) {
    skipSpace()
    guard let first = peek else { throw failure("expected a value") }
    switch first {
    case UInt8(ascii: "\""): try string()
    case 0x30...0x39: try number()
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard open.count < options.limits.depth else {
        throw Failure(problem: .limit(.depth, maximum: options.limits.depth), offset: position)
      }
      open.append(nodes.count)
      try add(first == UInt8(ascii: "{") ? .object : .array, position, position)
      position += 1
    case UInt8(ascii: "-") where !(options.allowsNonFinite && hasPrefix("-Infinity")): try number()
    case UInt8(ascii: "t"): try word("true", .boolean)
    case UInt8(ascii: "f"): try word("false", .boolean)
    case UInt8(ascii: "n"): try word("null", .null)
    case UInt8(ascii: "N") where options.allowsNonFinite: try word("NaN", .number)
    case UInt8(ascii: "I") where options.allowsNonFinite: try word("Infinity", .number)
    case UInt8(ascii: "-"): try word("-Infinity", .number)
    default: throw failure("expected a value")
    }
  }

  /// Takes a word, which must come next; what follows it is checked by what reads on.
  private mutating func word(_ word: StaticString, _ kind: JSONDocument.Kind) throws(Failure) {
    guard hasPrefix(word) else { throw failure("expected a value") }
    try add(kind, position, position + word.utf8CodeUnitCount)
    position += word.utf8CodeUnitCount
  }

  private func hasPrefix(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard text.count - position >= count else { return false }
    for index in 0..<count where text[position + index] != word.utf8Start[index] { return false }
    return true
  }

  // MARK: Shared with the scanners of strings and numbers

  /// The next byte; nil at the end.
  var peek: UInt8? { position < text.count ? text[position] : nil }

  func failure(_ expected: String) -> Failure {
    Failure(
      problem: .syntax(position < text.count ? expected : "the text ends too early; \(expected)"),
      offset: position)
  }

  @inline(__always)
  mutating func skipSpace() {
    while position < text.count {
      let byte = text[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      position += 1
    }
  }

  @inline(__always)
  mutating func add(
    _ kind: JSONDocument.Kind, _ start: Int, _ end: Int, escaped: Bool = false
  ) throws(Failure) {
    guard nodes.count < options.limits.values else {
      throw Failure(problem: .limit(.values, maximum: options.limits.values), offset: start)
    }
    nodes.append(
      .init(
        start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
        next: UInt32(truncatingIfNeeded: nodes.count + 1), kind: kind, isEscaped: escaped))
  }

  /// Refuses an object in which two keys spell the same text.
  private func refuseDuplicates(_ container: Int) throws(Failure) {
    var seen: Set<[UInt8]> = []
    var place = container + 1
    while place < Int(nodes[container].next) {
      let node = nodes[place]
      let raw = UnsafeBufferPointer(rebasing: text[Int(node.start)..<Int(node.end)])
      let key = node.isEscaped ? JSONEscape.decoded(raw) : Array(raw)
      guard seen.insert(key).inserted else {
        let name = String(decoding: key, as: UTF8.self)
        throw Failure(problem: .syntax("the key \"\(name)\" occurs twice"), offset: Int(node.start) - 1)
      }
      place = Int(nodes[place + 1].next)
    }
  }
}
