import Units

/// Reads the wire format of Protocol Buffers, forwards and bounds-checked, from bytes that it borrows.
///
/// Source: the encoding page of the Protocol Buffers documentation.
struct ProtobufReader {
  /// The value of a field; a nested message is given as bytes.
  enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case bytes(UnsafeBufferPointer<UInt8>)
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  /// The offset of `bytes` in the file, for errors.
  private let base: Int
  private var position = 0

  /// A reader over `bytes`, which begin at `base` in the file.
  init(_ bytes: UnsafeBufferPointer<UInt8>, base: Int = 0) {
    self.bytes = bytes
    self.base = base
  }

  /// The offset in the file of the next byte.
  var offset: Int { base + position }

  /// The next field, or nil at the end.
  mutating func next() throws(TokenizerError) -> (number: UInt64, value: Value)? {
    guard position < bytes.count else { return nil }
    let start = offset
    let tag = try varint()
    let number = tag >> 3
    guard number > 0 else { throw error("a field has the number 0", at: start) }
    switch tag & 7 {
    case 0: return (number, .varint(try varint()))
    case 1: return (number, .fixed64(try fixed(8)))
    case 2: return (number, .bytes(try delimited()))
    case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw error("field \(number) has the wire type \(tag & 7)", at: start)
    }
  }

  /// An error at `place`, or where the reader stands.
  func error(_ reason: String, at place: Int? = nil) -> TokenizerError {
    .malformed(format: "tokenizer.model", offset: place ?? offset, reason: reason)
  }

  private mutating func varint() throws(TokenizerError) -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard position < bytes.count else { throw error("the file is cut short inside a number") }
      let byte = UInt64(bytes[position])
      position += 1
      result |= (byte & 0x7F) << shift
      if byte < 0x80 { return result }
    }
    throw error("a number has more than ten bytes")
  }

  private mutating func fixed(_ count: Int) throws(TokenizerError) -> UInt64 {
    guard bytes.count - position >= count else { throw error("the file is cut short inside a number") }
    var result: UInt64 = 0
    for index in 0..<count { result |= UInt64(bytes[position + index]) << UInt64(index * 8) }
    position += count
    return result
  }

  private mutating func delimited() throws(TokenizerError) -> UnsafeBufferPointer<UInt8> {
    let start = offset
    let length = try varint()
    guard length <= UInt64(bytes.count - position) else {
      throw error(
        "the file is cut short: a field has \(counted(length, "byte")), but only \(bytes.count - position) follow",
        at: start)
    }
    let part = UnsafeBufferPointer(rebasing: bytes[position..<(position + Int(length))])
    position += Int(length)
    return part
  }
}
