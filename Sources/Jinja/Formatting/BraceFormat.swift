/// `'{}'.format(…)` with the fields and format specifications of Python.
///
/// Rules: https://docs.python.org/3/library/string.html#format-string-syntax
struct BraceFormat {
  private let run: Interpreter
  private let text: Text
  private let arguments: Arguments
  private var automatic = 0
  private var isManual = false
  private var builder = TextBuilder()

  init(_ text: Text, _ arguments: Arguments, _ run: Interpreter) {
    self.text = text
    self.arguments = arguments
    self.run = run
  }

  private static let lone = JinjaError(.value, "Single '{' or '}' encountered in format string")

  mutating func apply() throws(JinjaError) -> Text {
    let bytes = text.bytes
    var at = 0
    var start = 0
    while at < bytes.count {
      let byte = bytes[at]
      guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
        at += 1
        continue
      }
      builder.append(text, start..<at)
      if at + 1 < bytes.count, bytes[at + 1] == byte {
        builder.append(byte)
        at += 2
      } else {
        guard byte == UInt8(ascii: "{") else { throw Self.lone }
        let end = try fieldEnd(at)
        try field(Array(bytes[at + 1..<end]))
        at = end + 1
      }
      start = at
      try run.tick()
      try run.checkLength(builder.count)
    }
    builder.append(text, start..<bytes.count)
    return builder.text(isMarkup: text.isMarkup)
  }

  /// The closing brace of the field that opens at an offset.
  private func fieldEnd(_ open: Int) throws(JinjaError) -> Int {
    var depth = 0
    for at in open..<text.bytes.count {
      if text.bytes[at] == UInt8(ascii: "{") { depth += 1 }
      if text.bytes[at] == UInt8(ascii: "}") { depth -= 1 }
      if depth == 0 { return at }
    }
    throw JinjaError(.value, "expected '}' before end of string")
  }

  private mutating func field(_ bytes: [UInt8]) throws(JinjaError) {
    let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
    let mark = bytes[..<colon].firstIndex(of: UInt8(ascii: "!")) ?? colon
    var value = try resolve(Array(bytes[..<mark]))
    if mark < colon {
      let conversion = bytes[(mark + 1)..<colon]
      if conversion.elementsEqual("r".utf8) || conversion.elementsEqual("a".utf8) {
        var out = TextBuilder()
        try run.represent(value, into: &out)
        value = .string(out.text())
      } else if conversion.elementsEqual("s".utf8) {
        value = .string(try run.str(value))
      } else {
        throw JinjaError(.value, "Unknown conversion specifier")
      }
    }
    var spec = colon < bytes.count ? Array(bytes[(colon + 1)...]) : []
    if spec.contains(UInt8(ascii: "{")) {
      // A specification may itself hold fields, one level deep.
      var inner = BraceFormat(Text(spec), arguments, run)
      (inner.automatic, inner.isManual) = (automatic, isManual)
      let nested = spec.firstIndex(of: UInt8(ascii: ":")) != nil
      guard !nested else { throw JinjaError(.value, "Max string recursion exceeded") }
      spec = try inner.apply().bytes
      (automatic, isManual) = (inner.automatic, inner.isManual)
    }
    try FormatSpec(spec, run).write(value, into: &builder)
  }

  /// The value of `0`, `name`, `name.attribute`, `name[key]`.
  private mutating func resolve(_ bytes: [UInt8]) throws(JinjaError) -> Object {
    var at = bytes.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? bytes.count
    let name = String(decoding: bytes[..<at], as: UTF8.self)
    var value = try argument(name)
    while at < bytes.count {
      let isItem = bytes[at] == UInt8(ascii: "[")
      let rest = bytes[(at + 1)...]
      let end =
        isItem
        ? rest.firstIndex(of: UInt8(ascii: "]"))
        : rest.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? bytes.count
      guard let end, end > at + 1 else { throw JinjaError(.value, "Empty attribute in format string") }
      let part = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
      at = isItem ? end + 1 : end
      if isItem {
        value = try run.item(of: value, Int(part).map(Object.int) ?? .text(part))
      } else {
        value = try run.attribute(of: value, AttributeName(Text(part)))
      }
    }
    return value
  }

  private mutating func argument(_ name: String) throws(JinjaError) -> Object {
    if let place = Int(name) ?? (name.isEmpty ? automatic : nil) {
      if name.isEmpty {
        guard !isManual else { throw Self.mixed }
        automatic += 1
      } else {
        guard automatic == 0 else { throw Self.mixed }
        isManual = true
      }
      guard arguments.positional.indices.contains(place) else {
        throw JinjaError(.value, "Replacement index \(place) out of range for positional args tuple")
      }
      return arguments.positional[place]
    }
    guard let value = arguments.named.first(where: { $0.name == name })?.value else {
      throw JinjaError(.value, "no argument '\(name)' to format")
    }
    return value
  }

  private static let mixed = JinjaError(
    .value, "cannot mix manual field specification and automatic field numbering")
}

/// A format specification: `[[fill]align][sign][z][#][0][width][,][.precision][type]`.
struct FormatSpec {
  private let run: Interpreter
  private var fill = Text(" ")
  private var align: Unicode.Scalar?
  private var sign: Unicode.Scalar = "-"
  private var isAlternate = false
  private var width = 0
  private var grouping: Unicode.Scalar?
  private var precision: Int?
  private var type: Unicode.Scalar?

  init(_ bytes: [UInt8], _ run: Interpreter) throws(JinjaError) {
    self.run = run
    var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)[...]
    let aligns: [Unicode.Scalar] = ["<", ">", "^", "="]
    if scalars.count > 1, aligns.contains(scalars[scalars.startIndex + 1]), let first = scalars.popFirst() {
      fill = Text(String(first))
      align = scalars.popFirst()
    } else if let first = scalars.first, aligns.contains(first) {
      align = scalars.popFirst()
    }
    if let first = scalars.first, "+- ".unicodeScalars.contains(first) { sign = scalars.removeFirst() }
    if scalars.first == "#" { isAlternate = scalars.popFirst() != nil }
    if scalars.first == "0" {
      scalars.removeFirst()
      if align == nil { (align, fill) = ("=", Text("0")) }
    }
    width = try Self.count(&scalars, run) ?? 0
    if scalars.first == "," || scalars.first == "_" { grouping = scalars.removeFirst() }
    if scalars.first == "." {
      scalars.removeFirst()
      guard let count = try Self.count(&scalars, run) else {
        throw JinjaError(.value, "Format specifier missing precision")
      }
      precision = count
    }
    type = scalars.popFirst()
    guard scalars.isEmpty else { throw JinjaError(.value, "Invalid format specifier") }
  }

  private static func count(
    _ scalars: inout ArraySlice<Unicode.Scalar>, _ run: Interpreter
  ) throws(JinjaError) -> Int? {
    var number: Int?
    while let digit = scalars.first, digit.isDigit(10) {
      number = (number ?? 0) * 10 + Int(digit.value - 0x30)
      try run.checkLength(number ?? 0)
      scalars.removeFirst()
    }
    return number
  }

  func write(_ value: Object, into builder: inout TextBuilder) throws(JinjaError) {
    switch value {
    case .string(let text): try writeText(text, into: &builder)
    case .bool where type == nil || type == "s": try writeText(try run.str(value), into: &builder)
    case .int, .bool: try write(integer: value.integer ?? 0, into: &builder)
    case .big(let number): try write(big: number, into: &builder)
    case .float(let number): try write(float: number, into: &builder)
    default:
      let isPlain = align == nil && width == 0 && precision == nil && type == nil
      guard isPlain else {
        throw JinjaError(.type, "unsupported format string passed to \(value.typeName).__format__")
      }
      try run.print(value, into: &builder)
    }
  }

  private func unknown(_ name: String) -> JinjaError {
    JinjaError(.value, "Unknown format code '\(type.map(String.init) ?? "")' for object of type '\(name)'")
  }

  private func writeText(_ text: Text, into builder: inout TextBuilder) throws(JinjaError) {
    guard type == nil || type == "s" else { throw unknown("str") }
    guard align != "=" else {
      throw JinjaError(.value, "'=' alignment not allowed in string format specifier")
    }
    let end = precision.map { min($0, text.count) } ?? text.count
    try pad(text.slice(0..<text.byteOffset(ofScalar: end)), fallback: "<", into: &builder)
  }

  private func write(big number: BigInteger, into builder: inout TextBuilder) throws(JinjaError) {
    if let type, "eEfFgG%".unicodeScalars.contains(type) {
      return try write(float: try number.double(), into: &builder)
    }
    guard type == nil || type == "d" || type == "n", precision == nil else { throw Operators.big }
    let digits = number.isNegative ? String(number.digits.dropFirst()) : number.digits
    try writeNumber(isNegative: number.isNegative, prefix: "", digits, group: 3, into: &builder)
  }

  private func write(integer: Int, into builder: inout TextBuilder) throws(JinjaError) {
    if let type, "eEfFgG%".unicodeScalars.contains(type) {
      return try write(float: Double(integer), into: &builder)
    }
    if type == "c", let scalar = UInt32(exactly: integer).flatMap(Unicode.Scalar.init) {
      return try pad(Text(String(scalar)), fallback: "<", into: &builder)
    }
    guard precision == nil else {
      throw JinjaError(.value, "Precision not allowed in integer format specifier")
    }
    let (radix, prefix): (Int, String)
    switch type {
    case nil, "d", "n": (radix, prefix) = (10, "")
    case "b": (radix, prefix) = (2, "0b")
    case "o": (radix, prefix) = (8, "0o")
    case "x": (radix, prefix) = (16, "0x")
    case "X": (radix, prefix) = (16, "0X")
    default: throw unknown("int")
    }
    let digits = String(integer.magnitude, radix: radix, uppercase: type == "X")
    try writeNumber(
      isNegative: integer < 0, prefix: isAlternate ? prefix : "", digits, group: radix == 10 ? 3 : 4,
      into: &builder)
  }

  private func write(float: Double, into builder: inout TextBuilder) throws(JinjaError) {
    var digits: String
    let size = abs(float)
    switch type {
    case nil:
      if let precision {
        digits = CFormat.format("g", size, precision: precision)
        if !digits.contains("."), !digits.contains("e"), size.isFinite { digits += ".0" }
      } else {
        digits = PythonFloat.repr(size)
      }
    case "e", "E", "f", "F", "g", "G":
      digits = CFormat.format(String(type ?? "f"), size, precision: precision ?? 6, isAlternate: isAlternate)
    case "n": digits = CFormat.format("g", size, precision: precision ?? 6)
    case "%": digits = CFormat.format("f", size * 100, precision: precision ?? 6) + "%"
    default: throw unknown("float")
    }
    let isNegative = float.sign == .minus && !float.isNaN
    try writeNumber(isNegative: isNegative, prefix: "", digits, group: 3, into: &builder)
  }

  private func writeNumber(
    isNegative: Bool, prefix: String, _ digits: String, group: Int, into builder: inout TextBuilder
  ) throws(JinjaError) {
    let lead = (isNegative ? "-" : sign == "-" ? "" : String(sign)) + prefix
    var body = digits
    if let grouping { body = Self.grouped(digits, by: group, with: grouping) }
    if align == "=" {
      let missing = max(width - lead.utf8.count - body.utf8.count, 0)
      try run.checkLength(missing * fill.bytes.count)
      builder.append(lead)
      for _ in 0..<missing { builder.append(fill) }
      return builder.append(body)
    }
    try pad(Text(lead + body), fallback: ">", into: &builder)
  }

  private static func grouped(_ digits: String, by size: Int, with separator: Unicode.Scalar) -> String {
    let whole = digits.prefix { $0.isHexDigit }
    var out = ""
    for (place, digit) in whole.enumerated() {
      if place > 0, (whole.count - place) % size == 0 { out.unicodeScalars.append(separator) }
      out.append(digit)
    }
    return out + digits.dropFirst(whole.count)
  }

  private func pad(_ text: Text, fallback: Unicode.Scalar, into builder: inout TextBuilder) throws(JinjaError)
  {
    let missing = max(width - text.count, 0)
    let side = align ?? fallback
    let left = side == "<" ? 0 : side == "^" ? missing / 2 : missing
    builder.append(try run.pad(text, left: left, right: missing - left, with: fill))
  }
}

extension Interpreter {
  /// `text.format(…)`.
  func braceFormat(_ text: Text, _ arguments: Arguments) throws(JinjaError) -> Object {
    var format = BraceFormat(text, arguments, self)
    return .string(try format.apply())
  }
}
