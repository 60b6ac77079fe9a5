/// Makes text safe to print on a terminal.
public enum SafeText {
  /// The text with all control and invisible characters except newline and tab made visible.
  ///
  /// C0 controls and DEL become control pictures (ESC becomes ␛), others their number, such as `<U+202E>`. Joiners
  /// and variation selectors stay where they shape the character before them. For a piece of a stream, `previous`
  /// is the last scalar of the piece before it.
  public static func escaping(_ text: String, after previous: Unicode.Scalar? = nil) -> String {
    visible(text, after: previous, keepsLines: true)
  }

  /// The text in one line: like `escaping`, with symbols for newlines and tabs too.
  public static func oneLine(_ text: String) -> String {
    visible(text, after: nil, keepsLines: false)
  }

  private static func visible(_ text: String, after previous: Unicode.Scalar?, keepsLines: Bool) -> String {
    var result = String.UnicodeScalarView()
    var previous = previous
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09, 0x0A: result.append(keepsLines ? scalar : symbol(scalar.value))
      case 0..<0x20: result.append(symbol(scalar.value))
      case 0x7F: result.append("\u{2421}")
      case _ where InvisibleScalar.mustShow(scalar, after: previous):
        result.append(contentsOf: "<U+\(number(scalar))>".unicodeScalars)
      default: result.append(scalar)
      }
      previous = scalar
    }
    return String(result)
  }

  /// The number of a scalar as Unicode writes it, with at least four digits.
  private static func number(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Bytes as a quoted literal in one line; what is not printable UTF-8 is escaped: `\n`, `\t`, `\xE2`.
  public static func quoted(_ bytes: some Collection<UInt8>) -> String {
    var result = "\""
    var rest = Array(bytes)[...]
    var previous: Unicode.Scalar?
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let piece = rest.prefix(length)
      if let text = String(validating: piece, as: UTF8.self), text.unicodeScalars.count == 1 {
        for scalar in text.unicodeScalars {
          appendQuoted(scalar, after: previous, to: &result)
          previous = scalar
        }
        rest = rest.dropFirst(length)
      } else {
        result += hexEscape(UInt32(first))
        previous = nil
        rest = rest.dropFirst()
      }
    }
    return result + "\""
  }

  private static func appendQuoted(
    _ scalar: Unicode.Scalar, after previous: Unicode.Scalar?, to result: inout String
  ) {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    default:
      if scalar.value < 0x20 || scalar.value == 0x7F {
        result += hexEscape(scalar.value)
      } else if InvisibleScalar.mustShow(scalar, after: previous) {
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

  private static func symbol(_ control: UInt32) -> Unicode.Scalar {
    Unicode.Scalar(0x2400 + control) ?? "\u{FFFD}"
  }
}
