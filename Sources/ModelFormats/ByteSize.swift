/// A size in bytes that prints in units: "512 bytes", "67.7 GiB".
struct ByteSize: CustomStringConvertible {
  private let bytes: UInt64

  /// A size of `bytes`, which must not be negative.
  init(_ bytes: some BinaryInteger) {
    self.bytes = UInt64(clamping: bytes)
  }

  /// Whole bytes below 1 KiB, and one decimal of the largest unit that fits above that.
  var description: String {
    guard bytes >= 1 << 10 else { return bytes == 1 ? "1 byte" : "\(bytes) bytes" }
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var value = Double(bytes) / 1024
    var unit = 0
    while value >= 1024, unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) \(units[unit])" : "\(tenths) \(units[unit])"
  }
}
