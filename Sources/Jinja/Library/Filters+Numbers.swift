import Glibc

extension Filters {
  static let numbers: [String: Function] = [
    "abs": { (run, value, arguments) throws(JinjaError) in
      if case .undefined(let missing) = value { throw missing.error }
      if case .float(let number) = value { return .float(abs(number)) }
      if case .big(let number) = value { return number.magnitude }
      guard let number = value.integer else {
        throw JinjaError(.type, "bad operand type for abs(): '\(value.typeName)'")
      }
      guard number != Int.min else { throw Operators.overflow }
      return .int(abs(number))
    },
    "int": { (run, value, arguments) throws(JinjaError) in
      let bound = try arguments.bind("int", ["default", "base"])
      return try integer(value, base: try bound.int(1, 10)) ?? bound[0] ?? .int(0)
    },
    "float": { (run, value, arguments) throws(JinjaError) in
      let bound = try arguments.bind("float", ["default"])
      if case .undefined(let missing) = value { throw missing.error }
      if case .big(let number) = value { return .float(try number.double()) }
      if let number = value.number { return .float(number) }
      if case .string(let text) = value, let number = NumberText.float(text) { return .float(number) }
      return bound[0] ?? .float(0)
    },
    "round": { (run, value, arguments) throws(JinjaError) in try round(value, arguments) },
    "filesizeformat": { (run, value, arguments) throws(JinjaError) in
      try fileSize(value, isBinary: try arguments.bind("filesizeformat", ["binary"]).isTrue(0))
    },
  ]

  /// Python's `int(value)`; nil where that would not be a number.
  private static func integer(_ value: Object, base: Int) throws(JinjaError) -> Object? {
    switch value {
    case .undefined(let missing): throw missing.error
    case .string(let text):
      // Python refuses more digits too, though by giving the default.
      guard text.size <= BigInteger.maximumDigits else {
        throw JinjaError(.limit, "a number of more than \(BigInteger.maximumDigits) digits")
      }
      if let number = try NumberText.integer(text, base: base) { return number }
      guard let number = NumberText.float(text) else { return nil }
      return try integer(number)
    case .float(let number): return try integer(number)
    case .big: return value
    default: return value.integer.map(Object.int)
    }
  }

  private static func integer(_ number: Double) throws(JinjaError) -> Object? {
    guard number.isFinite else {
      if number.isNaN { return nil }
      throw JinjaError(.overflow, "cannot convert float infinity to integer")
    }
    guard let whole = Int(exactly: number.rounded(.towardZero)) else { throw Operators.overflow }
    return .int(whole)
  }

  private static func round(_ value: Object, _ arguments: Arguments) throws(JinjaError) -> Object {
    let bound = try arguments.bind("round", ["precision", "method"])
    let precision = try bound.int(0, 0)
    let method = try bound.text(1, "common").string
    guard ["common", "ceil", "floor"].contains(method) else {
      throw JinjaError(.value, "method must be common, ceil or floor")
    }
    if case .undefined(let missing) = value { throw missing.error }
    guard let number = value.number else {
      throw JinjaError(.type, "type \(value.typeName) doesn't define __round__ method")
    }
    if method == "common" {
      if case .big = value {
        guard precision >= 0 else { throw Operators.big }
        return value
      }
      if let whole = value.integer {
        return .int(precision >= 0 ? whole : try roundWhole(whole, precision.magnitude))
      }
      return .float(CFormat.round(number, precision))
    }
    let scale = pow(10.0, Double(precision))
    let scaled = number * scale
    return .float((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / scale)
  }

  /// Rounds to a power of ten, halves to even.
  private static func roundWhole(_ value: Int, _ zeros: UInt) throws(JinjaError) -> Int {
    guard zeros < 19 else { return 0 }
    var unit = 1
    for _ in 0..<zeros { unit *= 10 }
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: unit)
    let double = rest.magnitude.addingReportingOverflow(rest.magnitude)
    let isUp =
      double.overflow || double.partialValue > unit.magnitude
      || (double.partialValue == unit.magnitude && quotient % 2 != 0)
    let rounded = quotient + (isUp ? (value < 0 ? -1 : 1) : 0)
    let result = rounded.multipliedReportingOverflow(by: unit)
    if result.overflow { throw Operators.overflow }
    return result.partialValue
  }

  private static func fileSize(_ value: Object, isBinary: Bool) throws(JinjaError) -> Object {
    if case .undefined(let missing) = value { throw missing.error }
    var number = value.number
    if number == nil, case .string(let text) = value { number = NumberText.float(text) }
    guard let bytes = number else { throw JinjaError(.type, "filesizeformat needs a number") }
    let base = isBinary ? 1024.0 : 1000.0
    let units = ["k", "M", "G", "T", "P", "E", "Z", "Y"].map { isBinary ? $0.uppercased() + "iB" : $0 + "B" }
    if bytes == 1 { return .text("1 Byte") }
    if bytes < base {
      let whole = Int(exactly: bytes.rounded(.towardZero)) ?? 0
      return .text("\(whole) Bytes")
    }
    var unit = base
    for (place, name) in units.enumerated() {
      unit = pow(base, Double(place + 2))
      if bytes < unit || place == units.count - 1 {
        return .text(CFormat.format("f", base * bytes / unit, precision: 1) + " " + name)
      }
    }
    return .none
  }
}

/// Numbers out of strings, as Python's `int` and `float` read them.
enum NumberText {
  /// The trimmed text without single underscores between digits; nil if underscores are misplaced.
  private static func cleaned(_ text: Text) -> [UInt8]? {
    let bytes = Array(text.bytes[UnicodeRules.trim(text.bytes, 0..<text.bytes.count)])
    guard bytes.contains(UInt8(ascii: "_")) else { return bytes }
    var out: [UInt8] = []
    for (place, byte) in bytes.enumerated() {
      guard byte == UInt8(ascii: "_") else {
        out.append(byte)
        continue
      }
      guard place > 0, place + 1 < bytes.count, Unicode.Scalar(bytes[place - 1]).isDigit(16),
        Unicode.Scalar(bytes[place + 1]).isDigit(16)
      else { return nil }
    }
    return out
  }

  static func integer(_ text: Text, base: Int) throws(JinjaError) -> Object? {
    guard base == 0 || (2...36).contains(base), var bytes = cleaned(text), !bytes.isEmpty else { return nil }
    var sign = ""
    if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
      sign = bytes[0] == UInt8(ascii: "-") ? "-" : ""
      bytes.removeFirst()
    }
    var radix = base == 0 ? 10 : base
    if bytes.count > 2, bytes[0] == UInt8(ascii: "0"),
      let prefixed = [0x62: 2, 0x6F: 8, 0x78: 16][Int(bytes[1] | 0x20)], base == 0 || base == prefixed
    {
      radix = prefixed
      bytes.removeFirst(2)
    }
    let digits = digitsOnly(bytes)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ Unicode.Scalar($0).isDigit(radix) }) else { return nil }
    if let value = Int(sign + digits, radix: radix) { return .int(value) }
    guard radix == 10 else { throw Operators.overflow }
    return Object(digits: sign + digits.drop { $0 == "0" })
  }

  /// The text with decimal digits of other scripts made ASCII.
  private static func digitsOnly(_ bytes: [UInt8]) -> String {
    var out = ""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if !scalar.isASCII, UnicodeRules.isDecimal(scalar), let value = scalar.properties.numericValue {
        out += String(Int(value))
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  static func float(_ text: Text) -> Double? {
    guard let bytes = cleaned(text) else { return nil }
    let spelling = digitsOnly(bytes).lowercased()
    switch spelling.drop(while: { $0 == "+" || $0 == "-" }) {
    case "inf", "infinity": return spelling.hasPrefix("-") ? -.infinity : .infinity
    case "nan": return .nan
    default: break
    }
    let allowed = spelling.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.e".utf8.contains($0) }
    guard allowed, spelling.utf8.contains(where: { (0x30...0x39).contains($0) }) else { return nil }
    // Swift wants digits on both sides of a point; C, as Python, does not.
    return spelling.withCString { start in
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      return end.map { $0.pointee == 0 } == true ? value : nil
    }
  }
}

/// Floating-point formats of C, which Python's are built to agree with.
enum CFormat {
  /// The most digits after the point; a double has at most 1074.
  static let maximumPrecision = 1100

  /// `%.<precision><conversion>` of a number: conversion `e`, `f` or `g`, large letters for large results.
  static func format(_ conversion: String, _ value: Double, precision: Int, isAlternate: Bool = false)
    -> String
  {
    let precision = min(max(precision, 0), maximumPrecision)
    var buffer = [CChar](repeating: 0, count: 512 + maximumPrecision)
    let pattern = (isAlternate ? "%#.*" : "%.*") + conversion
    let length = withVaList([Int32(precision), value]) { vsnprintf(&buffer, buffer.count, pattern, $0) }
    let count = min(max(Int(length), 0), buffer.count - 1)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `round(value, digits)`: correctly rounded on the exact value.
  static func round(_ value: Double, _ digits: Int) -> Double {
    guard value.isFinite else { return value }
    if digits > 323 { return value }
    if digits >= 0 { return Double(format("f", value, precision: digits)) ?? value }
    guard digits >= -308 else { return value < 0 ? -0.0 : 0.0 }
    let unit = pow(10.0, Double(-digits))
    return (value / unit).rounded(.toNearestOrEven) * unit
  }
}
