extension JSONParser {
  /// Takes a string from its opening to its closing quotation mark.
  mutating func string() throws(Failure) {
    position += 1
    let start = position
    var isEscaped = false
    while true {
      guard position < text.count else { throw failure("expected '\"' at the end of a string") }
      let byte = text[position]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        try escape()
      } else if byte < 0x80 {
        guard byte >= 0x20 else { throw failure("a control character in a string must be escaped") }
        position += 1
      } else {
        guard let length = Self.sequenceLength(text, position) else { throw failure("a string is not UTF-8") }
        position += length
      }
    }
    try add(.string, start, position, escaped: isEscaped)
    position += 1
  }

  private mutating func escape() throws(Failure) {
    guard position + 1 < text.count else {
      position = text.count
      throw failure("expected an escape")
    }
    switch text[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      guard let unit = JSONEscape.hexadecimal(text, position + 2) else {
        throw failure("expected four hexadecimal digits after \\u")
      }
      if unit & 0xFC00 == 0xD800 {
        guard position + 7 < text.count, text[position + 6] == UInt8(ascii: "\\"),
          text[position + 7] == UInt8(ascii: "u"), let low = JSONEscape.hexadecimal(text, position + 8),
          low & 0xFC00 == 0xDC00
        else { throw failure("half a surrogate pair") }
        position += 12
      } else {
        guard unit & 0xFC00 != 0xDC00 else { throw failure("half a surrogate pair") }
        position += 6
      }
    default: throw failure("expected one of \" \\ / b f n r t u after a backslash")
    }
  }

  /// The length of the well-formed sequence of several bytes at `position`; nil when it is ill-formed.
  ///
  /// Source: Unicode 16, table 3-7.
  @inline(__always)
  private static func sequenceLength(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int? {
    func isContinuation(_ step: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
      position + step < text.count && range.contains(text[position + step])
    }
    switch text[position] {
    case 0xC2...0xDF: return isContinuation(1) ? 2 : nil
    case 0xE0: return isContinuation(1, 0xA0...0xBF) && isContinuation(2) ? 3 : nil
    case 0xED: return isContinuation(1, 0x80...0x9F) && isContinuation(2) ? 3 : nil
    case 0xE1...0xEF: return isContinuation(1) && isContinuation(2) ? 3 : nil
    case 0xF0: return isContinuation(1, 0x90...0xBF) && isContinuation(2) && isContinuation(3) ? 4 : nil
    case 0xF1...0xF3: return isContinuation(1) && isContinuation(2) && isContinuation(3) ? 4 : nil
    case 0xF4: return isContinuation(1, 0x80...0x8F) && isContinuation(2) && isContinuation(3) ? 4 : nil
    default: return nil
    }
  }

  /// Takes a number of any length.
  mutating func number() throws(Failure) {
    let start = position
    if text[position] == UInt8(ascii: "-") { position += 1 }
    let leadsWithZero = peek == UInt8(ascii: "0")
    if leadsWithZero {
      position += 1
      if let byte = peek, (0x30...0x39).contains(byte) { throw failure("a number must not begin with 0") }
    } else {
      try digits()
    }
    if peek == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if let byte = peek, byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    try add(.number, start, position)
  }

  private mutating func digits() throws(Failure) {
    let start = position
    while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
    guard position > start else { throw failure("expected a digit") }
  }
}
