/// Reads numbers as serde_json does, to the last bit: two roundings where the nearest number needs one.
///
/// Sums of scores decide between cuts that are equally good but for their last bits, so a vocabulary that was written
/// for Hugging Face's tokenizers must be read as they read it (serde_json 1, without `float_roundtrip`).
enum SerdeNumber {
  private static let powers: [Double] = (0...308).map { Double("1e\($0)") ?? .infinity }

  /// The number that `text`, which is a JSON number, spells; nil when it is too large.
  static func parse(_ text: some Sequence<UInt8>) -> Double? {
    var significand: UInt64 = 0
    var exponent = 0
    var isFull = false
    var isFraction = false
    var written = 0
    var isNegative = false
    var state = 0
    var exponentIsNegative = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "-") where state == 0: isNegative = true
      case UInt8(ascii: "-"): exponentIsNegative = true
      case UInt8(ascii: "+"): break
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"): state = 1
      default:
        let digit = UInt64(byte &- 0x30)
        if state == 1 {
          written = min(written * 10 + Int(digit), 100_000)
          continue
        }
        let (tens, first) = significand.multipliedReportingOverflow(by: 10)
        let (sum, second) = tens.addingReportingOverflow(digit)
        if first || second { isFull = true }
        if isFull {
          if !isFraction { exponent += 1 }
        } else {
          significand = sum
          if isFraction { exponent -= 1 }
        }
      }
    }
    exponent += exponentIsNegative ? -written : written
    guard let value = scaled(Double(significand), exponent) else { return nil }
    return isNegative ? -value : value
  }

  private static func scaled(_ value: Double, _ exponent: Int) -> Double? {
    var (value, exponent) = (value, exponent)
    while exponent < -308, value != 0 {
      value /= 1e308
      exponent += 308
    }
    if value == 0 { return 0 }
    if exponent < 0 { return value / powers[-exponent] }
    guard exponent <= 308 else { return nil }
    let result = value * powers[exponent]
    return result.isInfinite ? nil : result
  }
}
