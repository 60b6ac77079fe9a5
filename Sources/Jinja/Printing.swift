extension Interpreter {
  /// Python's `str(value)`.
  func str(_ value: Object) throws(JinjaError) -> Text {
    if case .string(let text) = value { return text }
    var builder = TextBuilder()
    try print(value, into: &builder)
    return builder.text()
  }

  /// Appends `str(value)`.
  func print(_ value: Object, into builder: inout TextBuilder) throws(JinjaError) {
    switch value {
    case .string(let text): builder.append(text)
    case .undefined: break
    default: try represent(value, into: &builder)
    }
  }

  /// Appends `repr(value)`.
  func represent(_ value: Object, into builder: inout TextBuilder) throws(JinjaError) {
    try tick()
    try checkLength(builder.count)
    switch value {
    case .undefined: builder.append("Undefined")
    case .none: builder.append("None")
    case .bool(let value): builder.append(value ? "True" : "False")
    case .int(let value): builder.append(String(value))
    case .float(let value): builder.append(PythonFloat.repr(value))
    case .string(let text): try quote(text, into: &builder)
    case .list(let list): try represent(list.items, "[", "]", into: &builder)
    case .tuple(let tuple):
      try represent(tuple.items, "(", tuple.items.count == 1 ? ",)" : ")", into: &builder)
    case .dict(let dict): try represent(dict, into: &builder)
    case .iterable(let iterable): try represent(iterable, into: &builder)
    case .host(let host as Namespace):
      try checkStack()
      builder.append("<Namespace ")
      try represent(host.fields, into: &builder)
      builder.append(">")
    case .host(let host as MacroObject): builder.append("<Macro '\(host.name)'>")
    case .host(let host as LoopObject): builder.append(host.label)
    case .host(let host): builder.append("<\(host.typeName)>")
    }
  }

  private func represent(
    _ items: [Object], _ open: String, _ close: String, into builder: inout TextBuilder
  ) throws(JinjaError) {
    builder.append(open)
    for (place, item) in items.enumerated() {
      if place > 0 { builder.append(", ") }
      try represent(item, into: &builder)
    }
    builder.append(close)
  }

  private func represent(_ dict: DictObject, into builder: inout TextBuilder) throws(JinjaError) {
    builder.append("{")
    for (place, key) in dict.keys.enumerated() {
      if place > 0 { builder.append(", ") }
      try represent(key, into: &builder)
      builder.append(": ")
      try represent(dict.values[place], into: &builder)
    }
    builder.append("}")
  }

  private func represent(_ iterable: IterableObject, into builder: inout TextBuilder) throws(JinjaError) {
    switch iterable.kind {
    case .range: builder.append(iterable.label)
    case .generator, .reversed: builder.append("<\(iterable.kind.rawValue) object>")
    case .keys, .values, .items:
      builder.append(iterable.kind.rawValue)
      try represent(iterable.peeked, "([", "])", into: &builder)
    }
  }

  /// Appends a string literal that Python would read back.
  private func quote(_ text: Text, into builder: inout TextBuilder) throws(JinjaError) {
    try charge(bytes: text.bytes.count)
    let hasSingle = text.bytes.contains(UInt8(ascii: "'"))
    let quote: Unicode.Scalar = hasSingle && !text.bytes.contains(UInt8(ascii: "\"")) ? "\"" : "'"
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      try tick()
      switch scalar {
      case quote, "\\":
        out.append("\\")
        out.append(scalar)
      case "\n": out.append(contentsOf: "\\n".unicodeScalars)
      case "\r": out.append(contentsOf: "\\r".unicodeScalars)
      case "\t": out.append(contentsOf: "\\t".unicodeScalars)
      default:
        if UnicodeRules.isPrintable(scalar) {
          out.append(scalar)
        } else {
          out.append(contentsOf: Self.hexEscape(scalar).unicodeScalars)
        }
      }
    }
    builder.append(text.isMarkup ? "Markup(" : "")
    builder.append(String(quote))
    builder.append(String(out), origin: text.coarseOrigin)
    builder.append(String(quote))
    builder.append(text.isMarkup ? ")" : "")
  }

  private static func hexEscape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    let (prefix, width) = scalar.value < 0x100 ? ("\\x", 2) : scalar.value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
    return prefix + String(repeating: "0", count: width - digits.count) + digits
  }
}

/// How Python spells floating-point numbers.
enum PythonFloat {
  /// `repr(value)`: the shortest digits that read back, an exponent below 1e-4 and from 1e16 on.
  static func repr(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    // Swift gives the same shortest digits; only the places of point and exponent differ.
    var text = Substring(value.description)
    let sign = text.hasPrefix("-") ? "-" : ""
    if !sign.isEmpty { text = text.dropFirst() }
    var exponent = 0
    if let place = text.firstIndex(of: "e") {
      exponent = Int(text[text.index(after: place)...]) ?? 0
      text = text[..<place]
    }
    let parts = text.split(separator: ".", maxSplits: 1)
    let whole = parts.first.map(String.init) ?? "0"
    let fraction = parts.count > 1 && parts[1] != "0" ? String(parts[1]) : ""
    let all = Array((whole + fraction).utf8)
    let leading = all.prefix { $0 == 0x30 }.count
    var digits = Array(all.dropFirst(leading))
    while digits.last == 0x30 { digits.removeLast() }
    if digits.isEmpty { return sign + "0.0" }
    // The value is 0.DIGITS × 10^point.
    let point = whole.utf8.count + exponent - leading
    return sign + spell(digits, point)
  }

  private static func spell(_ digits: [UInt8], _ point: Int) -> String {
    func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
    if point > 16 || point < -3 {
      let exponent = point - 1
      let tail = digits.count > 1 ? "." + text(digits.dropFirst()) : ""
      let size = String(abs(exponent))
      return text(digits.prefix(1)) + tail + "e" + (exponent < 0 ? "-" : "+")
        + (size.utf8.count < 2 ? "0" : "") + size
    }
    if point <= 0 { return "0." + String(repeating: "0", count: -point) + text(digits) }
    if digits.count <= point {
      return text(digits) + String(repeating: "0", count: point - digits.count) + ".0"
    }
    return text(digits.prefix(point)) + "." + text(digits.dropFirst(point))
  }
}
