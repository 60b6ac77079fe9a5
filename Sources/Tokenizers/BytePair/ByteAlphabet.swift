/// The printable stand-ins for bytes with which byte-level vocabularies spell their pieces (GPT-2's encoder):
/// printable Latin-1 stands for itself, the other bytes are U+0100 and up in order.
enum ByteAlphabet {
  /// The stand-in of each byte.
  static let scalars: [UInt32] = {
    var extra: UInt32 = 0x100
    return (0..<256).map { (byte: UInt32) -> UInt32 in
      if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) {
        return byte
      }
      defer { extra += 1 }
      return extra
    }
  }()

  /// The byte of each stand-in, by scalar; -1 for other scalars.
  private static let bytes: [Int16] = {
    var table = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { table[Int(scalar)] = Int16(byte) }
    return table
  }()

  /// The bytes that `piece` spells; nil if it contains anything but stand-ins.
  static func bytes(of piece: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard let base = piece.baseAddress else { return [] }
    var result: [UInt8] = []
    result.reserveCapacity(piece.count)
    var position = 0
    while position < piece.count {
      let (scalar, length) = UTF8Scalar.decode(base, at: position, to: piece.count)
      guard scalar < bytes.count, bytes[Int(scalar)] >= 0 else { return nil }
      result.append(UInt8(bytes[Int(scalar)]))
      position += length
    }
    return result
  }

  /// `bytes` in stand-ins, as UTF-8.
  static func spelling(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    for byte in bytes {
      let scalar = scalars[Int(byte)]
      if scalar < 0x80 {
        result.append(UInt8(scalar))
      } else {
        result += [UInt8(0xC0 | scalar >> 6), UInt8(0x80 | scalar & 0x3F)]
      }
    }
    return result
  }
}
