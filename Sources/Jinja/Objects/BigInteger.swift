/// A whole number beyond 64 bits: it is printed, compared and converted, but not computed with.
final class BigInteger: Sendable {
  /// The most digits that Python reads as an integer.
  static let maximumDigits = 4300

  /// The decimal spelling, without leading zeros, with `-` in front of a negative number.
  let digits: String

  /// The number that decimal digits spell; the caller knows that it does not fit 64 bits.
  init(digits: String) { self.digits = digits }

  var isNegative: Bool { digits.hasPrefix("-") }

  private var size: Substring { isNegative ? digits.dropFirst() : digits[...] }

  /// The nearest double.
  ///
  /// - Throws: `JinjaError` of kind `overflow` beyond the largest one, as Python does.
  func double() throws(JinjaError) -> Double {
    guard let value = Double(digits), value.isFinite else {
      throw JinjaError(.overflow, "int too large to convert to float")
    }
    return value
  }

  /// Whether the last digit is even.
  var isEven: Bool { (digits.utf8.last ?? 0) % 2 == 0 }

  /// The number with the other sign: a small one for 2⁶³.
  var negated: Object { Object(digits: isNegative ? String(size) : "-" + digits) }

  /// The number without its sign.
  var magnitude: Object { Object(digits: String(size)) }

  /// Whether this is less than another number of this kind.
  func isLess(than other: BigInteger) -> Bool {
    guard isNegative == other.isNegative else { return isNegative }
    let (a, b) = (size.utf8.count, other.size.utf8.count)
    let isSmaller = a == b ? size < other.size : a < b
    return digits != other.digits && isSmaller != isNegative
  }

  /// Whether this is less than a double.
  func isLess(than other: Double) -> Bool {
    guard let value = Double(digits) else { return isNegative }
    return value < other
  }
}

extension Object {
  /// The whole number that canonical decimal digits spell.
  init(digits: String) {
    self = Int(digits).map(Object.int) ?? .big(BigInteger(digits: digits))
  }
}
