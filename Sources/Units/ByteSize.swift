/// A number of bytes as people write it: 1048576, 512M, 2GiB.
///
/// K, M, G and T are powers of 1024.
public struct ByteSize: Equatable, Sendable {
  /// The size in bytes.
  public var bytes: UInt64

  /// Reads a size; nil when it is none, or is larger than 2^64 bytes.
  public init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let suffix = text.dropFirst(digits.count).uppercased()
    let shifts: [String: UInt64] = ["": 0, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40]
    let unit =
      suffix.count > 1 && suffix.hasSuffix("IB")
      ? suffix.dropLast(2) : suffix.dropLast(suffix.count > 1 ? 1 : 0)
    guard let shift = shifts[String(unit)], suffix.count < 2 || suffix.hasSuffix("B") else { return nil }
    if let whole = UInt64(digits) {
      let (product, overflow) = whole.multipliedReportingOverflow(by: 1 << shift)
      if overflow { return nil }
      bytes = product
    } else if let value = Double(digits), shift > 0, value * Double(UInt64(1) << shift) < 9e18 {
      bytes = UInt64(value * Double(UInt64(1) << shift))
    } else {
      return nil
    }
  }
}
