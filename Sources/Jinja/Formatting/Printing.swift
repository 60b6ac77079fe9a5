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
    case .list(let list) where list.isContent: builder.append(try text(ofContent: list))
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
    case .big(let value): builder.append(value.digits)
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
    _ items: [Object], _ open: StaticString, _ close: StaticString, into builder: inout TextBuilder
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
    try charge(bytes: text.size)
    let hasSingle = text.withBytes { $0.contains(UInt8(ascii: "'")) }
    let hasDouble = text.withBytes { $0.contains(UInt8(ascii: "\"")) }
    let quote = UInt8(ascii: hasSingle && !hasDouble ? "\"" : "'")
    if text.isMarkup { builder.append("Markup(") }
    builder.append(quote)
    let out = text.withBytes { Self.escaped($0, quote) }
    try charge(bytes: 4 * (out?.count ?? 0))
    if let out { builder.append(out, origin: text.coarseOrigin) } else { builder.append(coarsely: text) }
    builder.append(quote)
    if text.isMarkup { builder.append(")") }
  }

  /// A string as it stands in a literal; nil if that is as it is.
  private static func escaped(_ bytes: UnsafeBufferPointer<UInt8>, _ quote: UInt8) -> [UInt8]? {
    func isPlain(_ byte: UInt8) -> Bool {
      byte >= 0x20 && byte < 0x7F && byte != quote && byte != UInt8(ascii: "\\")
    }
    guard !bytes.allSatisfy(isPlain) else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + bytes.count / 8)
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      let end = byte < 0x80 ? at + 1 : min(at + UTF8Bytes.width(byte), bytes.count)
      if isPlain(byte) {
        out.append(byte)
      } else if byte < 0x80 {
        escape(byte, quote, into: &out)
      } else {
        let scalar = UTF8Bytes.scalar(bytes, at: at)
        if UnicodeRules.isPrintable(scalar) {
          out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<end]))
        } else {
          out.append(utf8: hexEscape(scalar))
        }
      }
      at = end
    }
    return out
  }

  private static func escape(_ byte: UInt8, _ quote: UInt8, into out: inout [UInt8]) {
    switch byte {
    case quote, UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
    case UInt8(ascii: "\n"): out += "\\n".utf8
    case UInt8(ascii: "\r"): out += "\\r".utf8
    case UInt8(ascii: "\t"): out += "\\t".utf8
    default: out.append(utf8: hexEscape(Unicode.Scalar(byte)))
    }
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
