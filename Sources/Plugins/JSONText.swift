import Jinja

/// Writes JSON: what plugins and the trial of plugins speak beside plain structs.
enum JSONText {
  /// Appends a value; numbers that JSON does not have become null.
  static func append(_ value: Value, to out: inout [UInt8]) {
    switch value {
    case .none: out += "null".utf8
    case .bool(let flag): out += (flag ? "true" : "false").utf8
    case .int(let number): out += "\(number)".utf8
    case .double(let number): out += (number.isFinite ? "\(number)" : "null").utf8
    case .string(let text, _): append(text, to: &out)
    case .list(let items):
      out.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        append(item, to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .dict(let fields):
      out.append(UInt8(ascii: "{"))
      for (index, entry) in fields.entries.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        append(entry.key, to: &out)
        out.append(UInt8(ascii: ":"))
        append(entry.value, to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private static func append(_ text: String, to out: inout [UInt8]) {
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
