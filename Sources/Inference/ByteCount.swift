import Units

/// A number of bytes as a person reads it, in powers of 1024: `67.7 GiB`.
struct ByteCount: CustomStringConvertible {
  let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  var description: String {
    if bytes < 1024 { return counted(bytes, "byte") }
    var value = Double(bytes) / 1024
    var unit = "KiB"
    for larger in ["MiB", "GiB", "TiB"] where value >= 1024 {
      value /= 1024
      unit = larger
    }
    return "\((value * 10).rounded() / 10) \(unit)"
  }
}
