/// Finds bytes that are not UTF-8.
public enum UTF8Check {
  /// The offset of the first byte that begins no UTF-8 character; nil if all bytes are UTF-8.
  public static func firstInvalid(_ bytes: some Collection<UInt8>) -> Int? {
    let bytes = Array(bytes)
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var offset = 0
    while offset < bytes.count {
      let length = bytes[offset] < 0x80 ? 1 : bytes[offset] < 0xE0 ? 2 : bytes[offset] < 0xF0 ? 3 : 4
      let piece = bytes[offset..<min(offset + length, bytes.count)]
      // A wrong lead byte may be followed by a whole character, so exactly one scalar is expected.
      guard length == 1 || String(validating: piece, as: UTF8.self)?.unicodeScalars.count == 1 else {
        return offset
      }
      offset += length
    }
    return nil
  }
}
