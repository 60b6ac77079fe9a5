/// Source text → tokens, with jinja2's whitespace rules for `trim_blocks` and `lstrip_blocks`.
///
/// Rules: https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control
struct Lexer {
  let source: [UInt8]
  private var at = 0
  private var tokens: [Token] = []
  /// Whether the text that follows starts a line, so that `lstrip_blocks` may remove the spaces before a tag.
  private var atLineStart = true

  /// The tokens of a source that `normalise` has prepared; the last one is `.end`.
  static func tokenize(_ source: [UInt8]) throws(JinjaError) -> [Token] {
    var lexer = Lexer(source: source)
    try lexer.run()
    return lexer.tokens
  }

  /// Makes every line end `\n` and drops one line end at the very end, as jinja2 does.
  static func normalise(_ source: String) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(source.utf8.count)
    var afterReturn = false
    for byte in source.utf8 {
      if byte == 0x0D {
        out.append(0x0A)
      } else if byte != 0x0A || !afterReturn {
        out.append(byte)
      }
      afterReturn = byte == 0x0D
    }
    if out.last == 0x0A { out.removeLast() }
    return out
  }

  private init(source: [UInt8]) {
    self.source = source
  }

  private enum Tag { case block, variable, comment, raw(end: Int, trim: Bool) }

  private func peek(_ offset: Int = 0) -> UInt8 {
    at + offset < source.count ? source[at + offset] : 0
  }

  private func isAt(_ text: StaticString, _ place: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place <= source.count - count else { return false }
    for offset in 0..<count where source[place + offset] != text.utf8Start[offset] { return false }
    return true
  }

  private mutating func run() throws(JinjaError) {
    while at < source.count {
      guard let (place, tag) = nextTag() else {
        emitData(at..<source.count)
        at = source.count
        break
      }
      try open(tag, at: place)
    }
    tokens.append(Token(kind: .end, offset: source.count))
  }

  /// The next `{{`, `{%` or `{#` and what it is.
  private func nextTag() -> (Int, Tag)? {
    var place = at
    while place + 1 < source.count {
      if source[place] == UInt8(ascii: "{") {
        switch source[place + 1] {
        case UInt8(ascii: "{"): return (place, .variable)
        case UInt8(ascii: "#"): return (place, .comment)
        case UInt8(ascii: "%"): return (place, rawTag(at: place) ?? .block)
        default: break
        }
      }
      place += 1
    }
    return nil
  }

  /// `{% raw %}` with its end, if that is next.
  private func rawTag(at place: Int) -> Tag? {
    var end = place + 2
    if end < source.count, source[end] == UInt8(ascii: "-") || source[end] == UInt8(ascii: "+") { end += 1 }
    end = skipSpace(end)
    guard isAt("raw", end) else { return nil }
    end = skipSpace(end + 3)
    if isAt("-%}", end) { return .raw(end: end + 3, trim: true) }
    return isAt("%}", end) ? .raw(end: end + 2, trim: false) : nil
  }

  private func skipSpace(_ start: Int) -> Int {
    UnicodeRules.trim(source, start..<source.count, right: false).lowerBound
  }

  private mutating func open(_ tag: Tag, at place: Int) throws(JinjaError) {
    var control = place + 2 < source.count ? source[place + 2] : 0
    if control != UInt8(ascii: "-"), control != UInt8(ascii: "+") { control = 0 }
    let isVariable = if case .variable = tag { true } else { false }
    emitData(textBefore(place, control: control, keepIndent: isVariable))
    let start = place + (control == 0 ? 2 : 3)
    switch tag {
    case .comment:
      try skipComment(from: start, opened: place)
    case .raw(let end, let trim):
      at = trim ? skipSpace(end) : end
      atLineStart = source[at - 1] == 0x0A
      try raw(opened: place)
    case .block:
      tokens.append(Token(kind: .blockBegin, offset: place))
      at = start
      try expression(isBlock: true)
    case .variable:
      tokens.append(Token(kind: .variableBegin, offset: place))
      at = start
      try expression(isBlock: false)
    }
  }

  /// The text from here to a tag, less what `-` or `lstrip_blocks` removes.
  private func textBefore(_ place: Int, control: UInt8, keepIndent: Bool) -> Range<Int> {
    if control == UInt8(ascii: "-") { return UnicodeRules.trim(source, at..<place, left: false) }
    guard control != UInt8(ascii: "+"), !keepIndent else { return at..<place }
    let lineStart = source[at..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? at
    guard lineStart > at || atLineStart, lineStart < place else { return at..<place }
    return UnicodeRules.trim(source, lineStart..<place).isEmpty ? at..<lineStart : at..<place
  }

  private mutating func emitData(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    tokens.append(Token(kind: .data(Array(source[range])), offset: range.lowerBound))
  }

  /// Moves behind the end of a block or comment: `-` eats space, `+` nothing, neither eats one line end.
  private mutating func close(at place: Int, control: UInt8, trimsLine: Bool) {
    at = place + (control == 0 ? 2 : 3)
    if control == UInt8(ascii: "-") {
      at = skipSpace(at)
    } else if control == 0, trimsLine, peek() == 0x0A {
      at += 1
    }
    atLineStart = source[at - 1] == 0x0A
  }

  private mutating func skipComment(from start: Int, opened: Int) throws(JinjaError) {
    guard let place = UTF8Bytes.find(Array("#}".utf8), in: source, from: start, to: source.count) else {
      throw JinjaError(.syntax, "the comment does not end", at: opened)
    }
    let before = place > start ? source[place - 1] : 0
    if before == UInt8(ascii: "-") || before == UInt8(ascii: "+") {
      close(at: place - 1, control: before, trimsLine: true)
    } else {
      close(at: place, control: 0, trimsLine: true)
    }
  }

  /// Copies everything up to `{% endraw %}`.
  private mutating func raw(opened: Int) throws(JinjaError) {
    var place = at
    while let found = UTF8Bytes.find(Array("{%".utf8), in: source, from: place, to: source.count) {
      place = found + 2
      var control = place < source.count ? source[place] : 0
      if control != UInt8(ascii: "-"), control != UInt8(ascii: "+") { control = 0 }
      var end = skipSpace(control == 0 ? place : place + 1)
      guard isAt("endraw", end) else { continue }
      end = skipSpace(end + 6)
      let closing = end < source.count ? source[end] : 0
      let hasControl = closing == UInt8(ascii: "-") || closing == UInt8(ascii: "+")
      guard isAt("%}", hasControl ? end + 1 : end) else { continue }
      emitData(textBefore(found, control: control, keepIndent: false))
      close(at: end, control: hasControl ? closing : 0, trimsLine: true)
      return
    }
    throw JinjaError(.syntax, "'{% raw %}' has no '{% endraw %}'", at: opened)
  }

  // MARK: Inside a tag

  /// Reads tokens up to the end of a tag.
  ///
  /// Brackets hide the end: `{{ {'a': {}} }}`.
  private mutating func expression(isBlock: Bool) throws(JinjaError) {
    var open: [(Token.Symbol, Int)] = []
    while true {
      if open.isEmpty, let control = endControl(isBlock: isBlock) {
        tokens.append(Token(kind: isBlock ? .blockEnd : .variableEnd, offset: at))
        close(at: at, control: control, trimsLine: isBlock)
        return
      }
      at = skipSpace(at)
      guard at < source.count else {
        throw JinjaError(.syntax, "unexpected end of template inside a tag", at: at)
      }
      if open.isEmpty, endControl(isBlock: isBlock) != nil { continue }
      let start = at
      let kind = try word()
      tokens.append(Token(kind: kind, offset: start))
      if case .symbol(let symbol) = kind { try balance(symbol, start, &open) }
    }
  }

  /// The control character of the tag end that stands here, 0 without one; nil where no tag ends.
  private func endControl(isBlock: Bool) -> UInt8? {
    let end: StaticString = isBlock ? "%}" : "}}"
    if isAt(end, at) { return 0 }
    let control = peek()
    let allowed = control == UInt8(ascii: "-") || (isBlock && control == UInt8(ascii: "+"))
    return allowed && isAt(end, at + 1) ? control : nil
  }

  private func balance(
    _ symbol: Token.Symbol, _ place: Int, _ open: inout [(Token.Symbol, Int)]
  ) throws(JinjaError) {
    let partner: Token.Symbol
    switch symbol {
    case .leftBrace, .leftBracket, .leftParenthesis:
      open.append((symbol, place))
      return
    case .rightBrace: partner = .leftBrace
    case .rightBracket: partner = .leftBracket
    case .rightParenthesis: partner = .leftParenthesis
    default: return
    }
    guard let last = open.popLast() else {
      throw JinjaError(.syntax, "unexpected '\(symbol.rawValue)'", at: place)
    }
    guard last.0 == partner else {
      throw JinjaError(
        .syntax, "unexpected '\(symbol.rawValue)', '\(last.0.rawValue)' is still open", at: place)
    }
  }

  private mutating func word() throws(JinjaError) -> Token.Kind {
    let byte = peek()
    if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { return try string(quote: byte) }
    if (0x30...0x39).contains(byte) { return try number() }
    let scalar = UTF8Bytes.scalar(source, at: at)
    if scalar == "_" || UnicodeRules.isAlpha(scalar) { return name() }
    for length in [2, 1] where at + length <= source.count {
      if let symbol = Token.Symbol(rawValue: String(decoding: source[at..<at + length], as: UTF8.self)) {
        at += length
        return .symbol(symbol)
      }
    }
    throw JinjaError(.syntax, "unexpected character '\(scalar)'", at: at)
  }

  private mutating func name() -> Token.Kind {
    let start = at
    while at < source.count {
      guard UnicodeRules.isWord(UTF8Bytes.scalar(source, at: at)) else { break }
      at += UTF8Bytes.width(source[at])
    }
    return .name(String(decoding: source[start..<at], as: UTF8.self))
  }

  private mutating func number() throws(JinjaError) -> Token.Kind {
    let start = at
    // After a dot (`x.0.1`) only whole numbers are meant.
    let afterDot = start > 0 && source[start - 1] == UInt8(ascii: ".")
    if peek() == UInt8(ascii: "0"), let radix = [0x62: 2, 0x6F: 8, 0x78: 16][Int(peek(1) | 0x20)] {
      at += 2
      let digits = digits(radix: radix)
      guard !digits.isEmpty else { throw JinjaError(.syntax, "digits are missing", at: start) }
      return try integer(digits, radix: radix, at: start)
    }
    var text = digits(radix: 10)
    let isOctal = text.first == "0" && text.contains { $0 != "0" }
    if afterDot { return try integer(text, radix: 10, at: start) }
    var isFloat = false
    if peek() == UInt8(ascii: "."), (0x30...0x39).contains(peek(1)) {
      at += 1
      text += "." + digits(radix: 10)
      isFloat = true
    }
    let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
    if peek() | 0x20 == UInt8(ascii: "e"), (0x30...0x39).contains(peek(sign ? 2 : 1)) {
      at += 1
      text += "e"
      if sign {
        text.unicodeScalars.append(Unicode.Scalar(peek()))
        at += 1
      }
      text += digits(radix: 10)
      isFloat = true
    }
    if isFloat { return .float(Double(text) ?? .infinity) }
    guard !isOctal else { throw JinjaError(.syntax, "a whole number must not begin with 0", at: start) }
    return try integer(text, radix: 10, at: start)
  }

  private func integer(_ digits: String, radix: Int, at start: Int) throws(JinjaError) -> Token.Kind {
    if let value = Int(digits, radix: radix) { return .integer(value) }
    guard radix == 10, digits.utf8.count <= BigInteger.maximumDigits else {
      throw JinjaError(.overflow, "the number does not fit 64 bits", at: start)
    }
    return .bigInteger(digits)
  }

  /// Digits with single underscores between them.
  private mutating func digits(radix: Int) -> String {
    var text = ""
    while at < source.count {
      if Unicode.Scalar(peek()).isDigit(radix) {
        text.unicodeScalars.append(Unicode.Scalar(peek()))
      } else if peek() != UInt8(ascii: "_") || !Unicode.Scalar(peek(1)).isDigit(radix) {
        break
      }
      at += 1
    }
    return text
  }

  private mutating func string(quote: UInt8) throws(JinjaError) -> Token.Kind {
    let start = at
    at += 1
    var end = at
    while end < source.count, source[end] != quote { end += source[end] == UInt8(ascii: "\\") ? 2 : 1 }
    guard end < source.count else { throw JinjaError(.syntax, "the string does not end", at: start) }
    let body = at..<end
    at = end + 1
    return .string(try StringEscapes.decode(source, body))
  }
}

extension Unicode.Scalar {
  /// Whether this is an ASCII digit of the radix.
  func isDigit(_ radix: Int) -> Bool {
    isASCII && Int(String(self), radix: radix) != nil
  }
}
