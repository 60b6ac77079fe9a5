/// Reads untrusted bytes, little-endian and forwards, with every access checked against the bounds.
///
/// A length found in the bytes is compared with the bytes that remain, in arithmetic that cannot overflow, before it
/// is used. A failed read throws an error with its offset and leaves the position where it was.
///
/// The reader borrows its memory and must not outlive it.
public struct ByteReader {
  /// The path of the file, for errors.
  public let path: String
  /// All the bytes, from the start of the file.
  public let bytes: UnsafeRawBufferPointer
  /// Where the next read starts; always in `0...bytes.count`.
  public private(set) var offset: Int

  /// A reader at the start of `bytes`.
  public init(_ bytes: UnsafeRawBufferPointer, path: String) {
    self.path = path
    self.bytes = bytes
    self.offset = 0
  }

  /// The number of bytes from `offset` to the end.
  public var remaining: Int { bytes.count - offset }

  /// The next integer of `type`; `what` names it in the error.
  @inline(__always)
  public mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type = T.self, _ what: @autoclosure () -> String
  ) throws(ModelFormatError) -> T {
    let size = MemoryLayout<T>.size
    guard remaining >= size else { throw truncated(UInt64(size), what()) }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
    offset += size
    return T(littleEndian: value)
  }

  /// The next 32-bit float.
  public mutating func float32(_ what: @autoclosure () -> String) throws(ModelFormatError) -> Float {
    Float(bitPattern: try integer(UInt32.self, what()))
  }

  /// The next 64-bit float.
  public mutating func float64(_ what: @autoclosure () -> String) throws(ModelFormatError) -> Double {
    Double(bitPattern: try integer(UInt64.self, what()))
  }

  /// The next byte as a boolean; anything but 0 and 1 is an error.
  public mutating func bool(_ what: @autoclosure () -> String) throws(ModelFormatError) -> Bool {
    let value = try integer(UInt8.self, what())
    guard value <= 1 else {
      throw error(.invalid, at: offset - 1, "\(what()) is \(value)", expected: "a boolean must be 0 or 1")
    }
    return value == 1
  }

  /// The next `count` bytes, in place.
  public mutating func take(
    _ count: UInt64, _ what: @autoclosure () -> String
  ) throws(ModelFormatError) -> UnsafeRawBufferPointer {
    guard let size = Int(exactly: count), size <= remaining else { throw truncated(count, what()) }
    let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + size)])
    offset += size
    return part
  }

  /// Makes `position`, which `what` gave, the place of the next read.
  public mutating func move(to position: UInt64, _ what: @autoclosure () -> String) throws(ModelFormatError) {
    guard let place = Int(exactly: position), place <= bytes.count else {
      throw error(
        .truncated, Self.cutShort, expected: "download it again (\(what()) points to byte \(position))")
    }
    offset = place
  }

  /// The next string: a 64-bit length of at most `limit`, then that many bytes, in place.
  public mutating func string(
    limit: Int, _ what: @autoclosure () -> String
  ) throws(ModelFormatError) -> UnsafeRawBufferPointer {
    let start = offset
    let length = try integer(UInt64.self, "the length of \(what())")
    do throws(ModelFormatError) {
      guard length <= UInt64(remaining) else { throw truncated(length, what()) }
      guard length <= UInt64(limit) else {
        throw error(
          .tooLarge, at: start, "\(what()) takes \(ByteSize(length))",
          expected: "at most \(ByteSize(limit)) is allowed")
      }
      return try take(length, what())
    } catch {
      offset = start
      throw error
    }
  }

  /// The count `claimed` by the bytes at `start`, checked against `limit` and against the bytes that remain.
  ///
  /// `elementBytes` is the smallest size of one element.
  public func count(
    _ claimed: UInt64, elementBytes: Int, limit: Int, at start: Int, _ what: @autoclosure () -> String
  ) throws(ModelFormatError) -> Int {
    let (size, overflow) = claimed.multipliedReportingOverflow(by: UInt64(elementBytes))
    guard !overflow, size <= UInt64(remaining), let count = Int(exactly: claimed) else {
      throw error(
        .truncated, at: start, Self.cutShort,
        expected: "download it again (\(what()) is \(claimed), but only \(ByteSize(remaining)) follow)")
    }
    guard count <= limit else {
      throw error(.tooLarge, at: start, "\(what()) is \(claimed)", expected: "at most \(limit) is allowed")
    }
    return count
  }

  /// An error about this file at `position`, by default the offset of the next read.
  public func error(
    _ kind: ModelFormatError.Kind, at position: Int? = nil, _ message: String, expected: String = ""
  ) -> ModelFormatError {
    ModelFormatError(
      kind, path: path, offset: UInt64(exactly: position ?? offset), message, expected: expected)
  }

  private func truncated(_ needed: UInt64, _ what: String) -> ModelFormatError {
    error(
      .truncated, Self.cutShort,
      expected:
        "download it again (\(what) needs \(ByteSize(needed)), but only \(ByteSize(remaining)) follow)")
  }

  /// The message of every error about bytes that are not there.
  static let cutShort = "the file is cut short"
}
