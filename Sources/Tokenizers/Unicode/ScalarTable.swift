/// A number for every Unicode scalar, -1 unless set; pages of 256 scalars without numbers share one page.
struct ScalarTable: Sendable {
  private var values = [Int32](repeating: -1, count: 256)
  private var pages = [UInt16](repeating: 0, count: 0x1100)

  /// A table without numbers.
  init() {}

  /// The number of a scalar of at most U+10FFFF.
  @inline(__always)
  subscript(scalar: UInt32) -> Int32 {
    get { values[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)] }
    set {
      let page = Int(scalar >> 8)
      if pages[page] == 0 {
        pages[page] = UInt16(values.count / 256)
        values += [Int32](repeating: -1, count: 256)
      }
      values[Int(pages[page]) << 8 | Int(scalar & 0xFF)] = newValue
    }
  }
}
