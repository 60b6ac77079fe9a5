/// `'%s' % value`, Python's printf-style formatting.
///
/// Rules: https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting
struct PercentFormat {
  private let run: Interpreter
  private let format: [UInt8]
  private let text: Text
  private let values: Object
  private var at = 0
  private var next = 0
  private var builder = TextBuilder()

  init(_ text: Text, _ values: Object, _ run: Interpreter) {
    self.text = text
    format = text.bytes
    self.values = values
    self.run = run
  }

  private struct Spec {
    var flags: Set<UInt8> = []
    var width = 0
    var precision: Int?

    func has(_ flag: Character) -> Bool { flag.asciiValue.map(flags.contains) ?? false }
  }

  mutating func apply() throws(JinjaError) -> Text {
    while let percent = UTF8Bytes.find([UInt8(ascii: "%")], in: format, from: at, to: format.count) {
      builder.append(text, at..<percent)
      at = percent + 1
      try directive()
      try run.checkLength(builder.count)
      try run.tick()
    }
    builder.append(text, at..<format.count)
    if case .tuple(let tuple) = values, next < tuple.items.count { throw Self.unused }
    if next == 0, !takesNothing { throw Self.unused }
    return builder.text(isMarkup: text.isMarkup)
  }

  private static let unused = JinjaError(.type, "not all arguments converted during string formatting")

  /// Whether a value may stay unused: mappings and lists may, as in Python.
  private var takesNothing: Bool {
    switch values {
    case .tuple, .dict, .list, .iterable: true
    default: false
    }
  }

  private func byte() throws(JinjaError) -> UInt8 {
    guard at < format.count else { throw JinjaError(.value, "incomplete format") }
    return format[at]
  }

  private mutating func value() throws(JinjaError) -> Object {
    defer { next += 1 }
    if case .tuple(let tuple) = values {
      guard next < tuple.items.count else {
        throw JinjaError(.type, "not enough arguments for format string")
      }
      return tuple.items[next]
    }
    guard next == 0 else { throw JinjaError(.type, "not enough arguments for format string") }
    return values
  }

  /// The key of `%(key)s`, if there is one.
  private mutating func key() throws(JinjaError) -> Object? {
    guard try byte() == UInt8(ascii: "(") else { return nil }
    guard case .dict(let dict) = values else { throw JinjaError(.type, "format requires a mapping") }
    var depth = 0
    let start = at + 1
    repeat {
      let byte = try byte()
      if byte == UInt8(ascii: "(") { depth += 1 }
      if byte == UInt8(ascii: ")") { depth -= 1 }
      at += 1
    } while depth > 0
    let name = Text(Array(format[start..<at - 1]))
    guard let value = dict.get(name) else { throw JinjaError(.value, "no key '\(name.string)' to format") }
    return value
  }

  private mutating func count() throws(JinjaError) -> Int {
    if try byte() == UInt8(ascii: "*") {
      at += 1
      guard let number = try value().integer else { throw JinjaError(.type, "* wants int") }
      return number
    }
    var number = 0
    while (0x30...0x39).contains(try byte()) {
      number = number * 10 + Int(try byte() - 0x30)
      try run.checkLength(number)
      at += 1
    }
    return number
  }

  private mutating func directive() throws(JinjaError) {
    let named = try key()
    if named != nil { next = max(next, 1) }
    var spec = Spec()
    while "-+ #0".utf8.contains(try byte()) {
      spec.flags.insert(try byte())
      at += 1
    }
    spec.width = try count()
    if spec.width < 0 {
      spec.flags.insert(UInt8(ascii: "-"))
      spec.width = spec.width == Int.min ? Int.max : -spec.width
    }
    try run.checkLength(spec.width)
    if try byte() == UInt8(ascii: ".") {
      at += 1
      spec.precision = max(try count(), 0)
      try run.checkLength(spec.precision ?? 0)
    }
    while "hlL".utf8.contains(try byte()) { at += 1 }
    let conversion = try byte()
    at += 1
    if conversion == UInt8(ascii: "%") { return builder.append("%") }
    let value: Object
    if let named { value = named } else { value = try self.value() }
    if case .undefined(let missing) = value, !"sr".utf8.contains(conversion) { throw missing.error }
    try pad(try convert(value, conversion, spec), spec, isNumber: !"srac".utf8.contains(conversion))
  }

  /// A representation as Python's `ascii()` writes it: what is not ASCII becomes `\x`, `\u` or `\U`.
  private static func inASCII(_ text: Text) -> Text {
    var out = TextBuilder()
    var at = 0
    while at < text.bytes.count {
      let width = UTF8Bytes.width(text.bytes[at])
      if width == 1 {
        out.append(text, at..<(at + 1))
      } else {
        let value = UTF8Bytes.scalar(text.bytes, at: at).value
        let (letter, count) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        let digits = String(value, radix: 16)
        let zeros = String(repeating: "0", count: count - digits.count)
        out.append("\\" + letter + zeros + digits, origin: text.origin(at: at))
      }
      at += width
    }
    return out.text()
  }

  private func convert(_ value: Object, _ conversion: UInt8, _ spec: Spec) throws(JinjaError) -> Text {
    let letter = String(Unicode.Scalar(conversion))
    switch letter {
    case "s": return cut(try run.str(value), spec)
    case "r", "a":
      var out = TextBuilder()
      try run.represent(value, into: &out)
      return cut(letter == "a" ? Self.inASCII(out.text()) : out.text(), spec)
    case "c":
      if case .string(let text) = value, text.count == 1 { return text }
      guard let code = value.integer.flatMap(UInt32.init(exactly:)).flatMap(Unicode.Scalar.init) else {
        throw JinjaError(.type, "%c requires int or char")
      }
      return Text(String(code))
    case "d", "i", "u":
      if case .big(let big) = value {
        return digits(String(big.digits.drop { $0 == "-" }), isNegative: big.isNegative, "", spec)
      }
      var number = value.integer
      if case .float(let float) = value, float.isFinite { number = Int(exactly: float.rounded(.towardZero)) }
      guard let number else { throw wrong(value, letter, "a real number") }
      return digits(number, 10, "", spec)
    case "x", "X", "o":
      if case .big = value { throw Operators.big }
      guard let number = value.integer else { throw wrong(value, letter, "an integer") }
      let prefix = spec.has("#") ? "0" + letter : ""
      let text = digits(number, letter == "o" ? 8 : 16, prefix, spec)
      return letter == "X" ? Text(text.string.uppercased()) : text
    case "e", "E", "f", "F", "g", "G":
      guard let number = value.number else { throw wrong(value, letter, "a real number") }
      return Text(
        signed(
          CFormat.format(letter, number, precision: spec.precision ?? 6, isAlternate: spec.has("#")), spec))
    default: throw JinjaError(.value, "unsupported format character '\(letter)'")
    }
  }

  private func wrong(_ value: Object, _ letter: String, _ wanted: String) -> JinjaError {
    JinjaError(.type, "%\(letter) format: \(wanted) is required, not \(value.typeName)")
  }

  private func cut(_ text: Text, _ spec: Spec) -> Text {
    guard let precision = spec.precision, precision < text.count else { return text }
    return text.slice(0..<text.byteOffset(ofScalar: precision))
  }

  private func digits(_ number: Int, _ radix: Int, _ prefix: String, _ spec: Spec) -> Text {
    digits(String(number.magnitude, radix: radix), isNegative: number < 0, prefix, spec)
  }

  private func digits(_ magnitude: String, isNegative: Bool, _ prefix: String, _ spec: Spec) -> Text {
    var digits = magnitude
    if let precision = spec.precision, digits.utf8.count < precision {
      digits = String(repeating: "0", count: precision - digits.utf8.count) + digits
    }
    return Text(signed((isNegative ? "-" : "") + prefix + digits, spec))
  }

  private func signed(_ text: String, _ spec: Spec) -> String {
    if text.hasPrefix("-") { return text }
    return spec.has("+") ? "+" + text : spec.has(" ") ? " " + text : text
  }

  private mutating func pad(_ text: Text, _ spec: Spec, isNumber: Bool) throws(JinjaError) {
    let missing = max(spec.width - text.count, 0)
    let spaces = [UInt8](repeating: 0x20, count: missing)
    if spec.has("-") {
      builder.append(text)
      builder.append(spaces)
    } else if spec.has("0"), isNumber {
      var sign = text.bytes.prefix { "+- ".utf8.contains($0) }.count
      if text.bytes.count > sign + 1, text.bytes[sign] == 0x30, "xXo".utf8.contains(text.bytes[sign + 1]) {
        sign += 2
      }
      builder.append(text, 0..<sign)
      builder.append([UInt8](repeating: UInt8(ascii: "0"), count: missing))
      builder.append(text, sign..<text.bytes.count)
    } else {
      builder.append(spaces)
      builder.append(text)
    }
  }
}

extension Interpreter {
  /// `text % values`.
  func percentFormat(_ text: Text, _ values: Object) throws(JinjaError) -> Object {
    var format = PercentFormat(text, values, self)
    return .string(try format.apply())
  }
}
