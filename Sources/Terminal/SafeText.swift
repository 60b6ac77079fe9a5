/// Makes text safe to print on a terminal.
public enum SafeText {
  /// The text with visible symbols for all control characters except newline and tab.
  ///
  /// C0 controls and DEL become control pictures (ESC becomes ␛), C1 controls become U+FFFD. Each scalar is
  /// treated by itself, so a stream can be escaped piece by piece.
  public static func escaping(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { picture(of: $0) != nil }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(picture(of: scalar) ?? scalar) }
    return String(result)
  }

  /// The text in one line: like `escaping`, with symbols for newlines and tabs too.
  public static func oneLine(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(picture(of: scalar) ?? (scalar.value < 0x20 ? symbol(scalar.value) : scalar))
    }
    return String(result)
  }

  /// Bytes as a quoted literal in one line; what is not printable UTF-8 is escaped: `\n`, `\t`, `\xE2`.
  public static func quoted(_ bytes: some Collection<UInt8>) -> String {
    var result = "\""
    var rest = Array(bytes)[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let piece = rest.prefix(length)
      if let text = String(validating: piece, as: UTF8.self), text.unicodeScalars.count == 1 {
        for scalar in text.unicodeScalars { appendQuoted(scalar, to: &result) }
        rest = rest.dropFirst(length)
      } else {
        result += hexEscape(UInt32(first))
        rest = rest.dropFirst()
      }
    }
    return result + "\""
  }

  private static func appendQuoted(_ scalar: Unicode.Scalar, to result: inout String) {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    default:
      if scalar.value < 0x80, picture(of: scalar) != nil {
        result += hexEscape(scalar.value)
      } else if picture(of: scalar) != nil || scalar.properties.generalCategory == .format {
        result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  private static func hexEscape(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return "\\x" + (digits.count == 1 ? "0" : "") + digits
  }

  private static func picture(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0x09, 0x0A: nil
    case 0..<0x20: symbol(scalar.value)
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0: "\u{FFFD}"
    default: nil
    }
  }

  private static func symbol(_ control: UInt32) -> Unicode.Scalar {
    Unicode.Scalar(0x2400 + control) ?? "\u{FFFD}"
  }
}
