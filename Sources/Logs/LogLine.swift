import Glibc
import JSON
package import Logging

/// One line of a log.
package struct LogLine {
  private let time: String
  private let level: Logger.Level
  private let message: String
  private let fields: [(key: String, value: Logger.MetadataValue)]

  /// A line at this moment; its fields are ordered by name.
  package init(level: Logger.Level, message: String, metadata: Logger.Metadata) {
    time = Self.now()
    self.level = level
    self.message = message
    fields = metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The line with its newline, at most `Limits.lineBytes` long.
  package func bytes(_ format: LogFormat) -> [UInt8] {
    switch format {
    case .text: Array(text(message).utf8.prefix(Limits.lineBytes - 1)) + [UInt8(ascii: "\n")]
    case .json: json()
    }
  }

  private func text(_ message: String) -> String {
    let fields = fields.map { "\($0.key)=\(Self.quoted("\($0.value)"))" }
    return (["\(time) \(level): \(Self.printable(message))"] + fields).joined(separator: " ")
  }

  private func json() -> [UInt8] {
    let whole = object(message, fields)
    if whole.count <= Limits.lineBytes { return whole }
    // An object cannot be cut; what is too long is the text of a field, or of the message.
    return object(
      Self.cut(message), fields.prefix(8).map { (Self.cut($0.key, 64), .string(Self.cut("\($0.value)"))) })
  }

  private func object(
    _ message: String, _ fields: [(key: String, value: Logger.MetadataValue)]
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      for (key, value) in [("time", time), ("level", level.rawValue), ("message", message)] {
        writer.key(key)
        writer.string(value)
      }
      for (key, value) in fields {
        writer.key(["time", "level", "message"].contains(key) ? key + "_" : key)
        Self.write(value, to: &writer)
      }
    }
    return writer.bytes + [UInt8(ascii: "\n")]
  }

  /// Numbers and booleans stay what they are.
  private static func write(_ value: Logger.MetadataValue, to writer: inout JSONWriter) {
    switch value {
    case .string(let text): writer.string(text)
    case .stringConvertible(let value):
      switch value {
      case let value as Bool: writer.bool(value)
      case let value as any BinaryInteger:
        if let number = Int(exactly: value) { writer.int(number) } else { writer.string("\(value)") }
      case let value as Double: writer.double(value)
      default: writer.string("\(value)")
      }
    case .array(let values):
      writer.array { writer in for value in values { write(value, to: &writer) } }
    case .dictionary(let values):
      writer.object { writer in
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
          writer.key(key)
          write(value, to: &writer)
        }
      }
    }
  }

  /// The beginning of a text: eight fields of these lengths fit into a line even if every byte is escaped.
  private static func cut(_ text: String, _ bytes: Int = Limits.lineBytes / 128) -> String {
    text.utf8.count <= bytes ? text : String(decoding: text.utf8.prefix(bytes), as: UTF8.self) + "…"
  }

  /// The text in quotes if it would otherwise not be seen where it ends.
  private static func quoted(_ text: String) -> String {
    let text = printable(text)
    guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" }) else { return text }
    return "\"\(text.map { $0 == "\"" ? "\\\"" : String($0) }.joined())\""
  }

  /// The text on one line: control characters, and those that change the direction of others, are escaped.
  private static func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `2026-01-31T23:59:59.123Z`.
  private static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let date = [
      digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1, 2), digits(Int(parts.tm_mday), 2),
    ]
    let clock = [digits(Int(parts.tm_hour), 2), digits(Int(parts.tm_min), 2), digits(Int(parts.tm_sec), 2)]
    return date.joined(separator: "-") + "T" + clock.joined(separator: ":")
      + ".\(digits(time.tv_nsec / 1_000_000, 3))Z"
  }
}
