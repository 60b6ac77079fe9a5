/// Values as JSON text, for other programs: the filter `tojson` writes as Python does, this as short as can be.
extension Value {
  /// The text that `Value(json:)` reads back; numbers that JSON does not have stand as Python spells them.
  public var json: String {
    var bytes: [UInt8] = []
    appendJSON(to: &bytes, spellsNonFinite: true)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the value; keys keep their order.
  ///
  /// - Parameter spellsNonFinite: Whether numbers that JSON does not have become NaN and Infinity instead of null.
  public func appendJSON(to out: inout [UInt8], spellsNonFinite: Bool = false) {
    switch self {
    case .none: out += "null".utf8
    case .bool(let flag): out += (flag ? "true" : "false").utf8
    case .int(let number): out += "\(number)".utf8
    case .double(let number) where number.isFinite: out += "\(number)".utf8
    case .double(let number):
      let spelled = number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
      out += (spellsNonFinite ? spelled : "null").utf8
    case .string(let text, _): Self.appendJSON(text, to: &out)
    case .list(let items):
      out.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        item.appendJSON(to: &out, spellsNonFinite: spellsNonFinite)
      }
      out.append(UInt8(ascii: "]"))
    case .dict(let fields):
      out.append(UInt8(ascii: "{"))
      for (index, entry) in fields.entries.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        Self.appendJSON(entry.key, to: &out)
        out.append(UInt8(ascii: ":"))
        entry.value.appendJSON(to: &out, spellsNonFinite: spellsNonFinite)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private static func appendJSON(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out += "\\\"".utf8
      case UInt8(ascii: "\\"): out += "\\\\".utf8
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        out += "\\u00".utf8
        out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}
