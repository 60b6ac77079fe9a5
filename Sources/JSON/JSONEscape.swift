/// The escapes of JSON strings, as Python's `json` writes them.
public enum JSONEscape {
  /// Whether a byte of UTF-8 text cannot stand in a JSON string as it is.
  ///
  /// - Parameter ensuresASCII: Whether bytes above `~` are escaped too.
  @inlinable
  public static func isNeeded(for byte: UInt8, ensuresASCII: Bool = false) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || (ensuresASCII && byte > 0x7E)
  }

  /// The escape of a code point: two characters where JSON has them, else `\u` and four digits for each UTF-16 unit.
  public static func spelling(of scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case "\u{8}": "\\b"
    case "\u{C}": "\\f"
    default:
      String(scalar).utf16.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }.joined()
    }
  }

  /// The UTF-8 that the inside of a well-formed string stands for; never longer than its spelling.
  static func decoded(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: raw.count) { result, count in
      var (position, end) = (0, 0)
      while position < raw.count {
        let byte = raw[position]
        guard byte == UInt8(ascii: "\\"), position + 1 < raw.count else {
          result[end] = byte
          end += 1
          position += 1
          continue
        }
        guard raw[position + 1] == UInt8(ascii: "u"), var value = hexadecimal(raw, position + 2) else {
          result[end] = simple(raw[position + 1])
          end += 1
          position += 2
          continue
        }
        position += 6
        if value & 0xFC00 == 0xD800, let low = hexadecimal(raw, position + 2) {
          value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
          position += 6
        }
        end = encode(value, into: result, at: end)
      }
      count = end
    }
  }

  /// Writes the UTF-8 of a code point; gives the place behind it.
  @inline(__always)
  private static func encode(
    _ value: UInt32, into result: UnsafeMutableBufferPointer<UInt8>, at start: Int
  ) -> Int {
    func low(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (value >> shift) & 0x3F) }
    if value < 0x80 {
      result[start] = UInt8(truncatingIfNeeded: value)
      return start + 1
    }
    if value < 0x800 {
      result[start] = UInt8(truncatingIfNeeded: 0xC0 | value >> 6)
      result[start + 1] = low(0)
      return start + 2
    }
    if value < 0x10000 {
      result[start] = UInt8(truncatingIfNeeded: 0xE0 | value >> 12)
      result[start + 1] = low(6)
      result[start + 2] = low(0)
      return start + 3
    }
    result[start] = UInt8(truncatingIfNeeded: 0xF0 | value >> 18)
    result[start + 1] = low(12)
    result[start + 2] = low(6)
    result[start + 3] = low(0)
    return start + 4
  }

  private static func simple(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: byte
    }
  }

  /// The number that four hexadecimal digits at `start` spell.
  static func hexadecimal(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32? {
    guard start + 4 <= text.count else { return nil }
    var value: UInt32 = 0
    for byte in text[start..<(start + 4)] {
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
