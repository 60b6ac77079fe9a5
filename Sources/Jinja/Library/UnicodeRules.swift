/// Python's notions of character classes, from the Unicode data of Swift's standard library.
public enum UnicodeRules {
  /// `str.isspace`: bidirectional class B, S or WS, or category Zs.
  public static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      true
    default: false
    }
  }

  /// `str.isalpha`: a letter of any kind.
  static func isAlpha(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  /// `str.isdecimal`.
  static func isDecimal(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .decimalNumber
  }

  /// `str.isdigit`: decimal digits, and digits such as superscripts.
  static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
  }

  /// `str.isnumeric`.
  static func isNumeric(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }

  /// `str.isalnum` of one code point.
  static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    isAlpha(scalar) || isDecimal(scalar) || isDigit(scalar) || isNumeric(scalar)
  }

  /// `\w` of Python's `re`.
  static func isWord(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || isAlphanumeric(scalar) }

  static func isUpper(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isUppercase }
  static func isLower(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isLowercase }
  static func isTitle(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .titlecaseLetter
  }

  /// Whether `repr` shows the code point as itself.
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }

  /// Whether `str.splitlines` ends a line at the code point.
  static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// The range that remains of `range` when spaces at the chosen ends are dropped.
  static func trim(
    _ bytes: [UInt8], _ range: Range<Int>, left: Bool = true, right: Bool = true,
    where drop: (Unicode.Scalar) -> Bool = isSpace
  ) -> Range<Int> {
    bytes.withUnsafeBufferPointer { trim($0, range, left: left, right: right, where: drop) }
  }

  /// The same of bytes in memory.
  static func trim(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, left: Bool = true, right: Bool = true,
    where drop: (Unicode.Scalar) -> Bool = isSpace
  ) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    // Long runs of one ASCII character at an end ask only once.
    func run(_ byte: UInt8?) -> UInt8? {
      guard let byte, byte < 0x80, drop(Unicode.Scalar(byte)) else { return nil }
      return byte
    }
    if left, start < end, let byte = run(bytes[start]) {
      while start < end, bytes[start] == byte { start += 1 }
    }
    if right, start < end, let byte = run(bytes[end - 1]) {
      while start < end, bytes[end - 1] == byte { end -= 1 }
    }
    while left, start < end {
      guard drop(UTF8Bytes.scalar(bytes, at: start)) else { break }
      start = min(start + UTF8Bytes.width(bytes[start]), end)
    }
    while right, start < end {
      var last = end - 1
      while last > start, UTF8Bytes.isContinuation(bytes[last]) { last -= 1 }
      guard drop(UTF8Bytes.scalar(bytes, at: last)) else { break }
      end = last
    }
    return start..<end
  }
}
