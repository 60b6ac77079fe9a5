extension JSONValue {
  /// The spelling of a number, of any length.
  public var digits: ArraySlice<UInt8>? { kind == .number ? source : nil }

  /// Whether it is a number without fraction and exponent; such a number may be larger than an `Int`.
  public var isInteger: Bool {
    kind == .number && source.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
  }

  /// A number without fraction and exponent that fits.
  @inlinable public var int: Int? {
    let node = node
    guard node.kind == .number else { return nil }
    return document.bytes.withUnsafeBufferPointer { bytes in
      var place = Int(node.start)
      let end = Int(node.end)
      let isNegative = bytes[place] == UInt8(ascii: "-")
      if isNegative { place += 1 }
      var value = 0
      while place < end {
        guard (0x30...0x39).contains(bytes[place]) else { return nil }
        let digit = Int(bytes[place] - 0x30)
        let (tens, first) = value.multipliedReportingOverflow(by: 10)
        let (sum, second) = tens.addingReportingOverflow(isNegative ? -digit : digit)
        if first || second { return nil }
        value = sum
        place += 1
      }
      return value
    }
  }

  /// The double that is nearest to a number; infinite beyond the largest, as in Python.
  public var double: Double? {
    guard let digits else { return nil }
    let text = String(decoding: digits, as: UTF8.self)
    switch text {
    case "NaN": return .nan
    case "Infinity": return .infinity
    case "-Infinity": return -.infinity
    default: return Double(text) ?? (text.hasPrefix("-") ? -.infinity : .infinity)
    }
  }
}
