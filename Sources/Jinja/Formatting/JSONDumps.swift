import JSON

/// Writes values as Python's `json.dumps` does.
struct JSONDumps {
  var ensuresASCII = false
  /// What one level of nesting is indented by; nil writes one line.
  var indent: Text?
  var itemSeparator = Text(", ")
  var keySeparator = Text(": ")
  var sortsKeys = false
  private(set) var builder = TextBuilder()

  mutating func write(_ value: Object, _ interpreter: Interpreter, level: Int = 0) throws(JinjaError) {
    try interpreter.tick()
    try interpreter.checkLength(builder.count)
    switch value {
    case .none: builder.append("null")
    case .bool(let value): builder.append(value ? "true" : "false")
    case .int(let value): builder.append(String(value))
    case .big(let value): builder.append(value.digits)
    case .float(let value): builder.append(Self.number(value))
    case .string(let text):
      try interpreter.charge(bytes: text.bytes.count)
      quote(text)
    case .list(let list), .tuple(let list): try write(list.items, interpreter, level)
    case .dict(let dict): try write(dict, interpreter, level)
    default: throw JinjaError(.type, "Object of type \(value.typeName) is not JSON serializable")
    }
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return PythonFloat.repr(value)
  }

  private mutating func newline(_ level: Int, _ interpreter: Interpreter) throws(JinjaError) {
    guard let indent else { return }
    try interpreter.checkLength(builder.count + indent.bytes.count * level)
    try interpreter.charge(bytes: indent.bytes.count * level)
    builder.append("\n")
    for _ in 0..<level { builder.append(indent) }
  }

  private mutating func write(
    _ items: [Object], _ interpreter: Interpreter, _ level: Int
  ) throws(JinjaError) {
    guard !items.isEmpty else { return builder.append("[]") }
    builder.append("[")
    for (place, item) in items.enumerated() {
      if place > 0 { builder.append(itemSeparator) }
      try newline(level + 1, interpreter)
      try write(item, interpreter, level: level + 1)
    }
    try newline(level, interpreter)
    builder.append("]")
  }

  private mutating func write(
    _ dict: DictObject, _ interpreter: Interpreter, _ level: Int
  ) throws(JinjaError) {
    guard dict.count > 0 else { return builder.append("{}") }
    var places = Array(dict.keys.indices)
    if sortsKeys {
      places = try interpreter.sorted(places, by: dict.keys)
    }
    builder.append("{")
    for (order, place) in places.enumerated() {
      if order > 0 { builder.append(itemSeparator) }
      try newline(level + 1, interpreter)
      try write(key: dict.keys[place])
      builder.append(keySeparator)
      try write(dict.values[place], interpreter, level: level + 1)
    }
    try newline(level, interpreter)
    builder.append("}")
  }

  private mutating func write(key: Object) throws(JinjaError) {
    switch key {
    case .string(let text): quote(text)
    case .none: builder.append("\"null\"")
    case .bool(let value): builder.append(value ? "\"true\"" : "\"false\"")
    case .int(let value): builder.append("\"\(value)\"")
    case .big(let value): builder.append("\"\(value.digits)\"")
    case .float(let value): builder.append("\"\(Self.number(value))\"")
    default: throw JinjaError(.type, "keys must be str, int, float, bool or None, not \(key.typeName)")
    }
  }

  private mutating func quote(_ text: Text) {
    builder.append("\"")
    if !text.withBytes({ $0.contains(where: needsEscape) }) {
      builder.append(text)
    } else {
      escape(text)
    }
    builder.append("\"")
  }

  private func needsEscape(_ byte: UInt8) -> Bool {
    JSONEscape.isNeeded(for: byte, ensuresASCII: ensuresASCII)
  }

  /// Copies runs that need no escape; an escape has the origin of what it stands for.
  private mutating func escape(_ text: Text) {
    var at = 0
    var run = 0
    while at < text.bytes.count {
      let byte = text.bytes[at]
      guard needsEscape(byte) else {
        at += 1
        continue
      }
      builder.append(text, run..<at)
      let width = min(UTF8Bytes.width(byte), text.bytes.count - at)
      let origin = text.origin(at: at)
      let scalar = UTF8Bytes.scalar(text.bytes, at: at)
      // Python leaves the one ASCII character above '~' as it is.
      builder.append(scalar == "\u{7F}" ? "\u{7F}" : JSONEscape.spelling(of: scalar), origin: origin)
      at += width
      run = at
    }
    builder.append(text, run..<text.bytes.count)
  }
}
