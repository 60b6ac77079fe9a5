/// One tensor of a model file: its name, type and shape, and its bytes in place.
public struct Tensor: Sendable {
  /// The name as the file spells it, such as `blk.0.attn_q.weight`.
  public let name: String
  /// The storage format of its numbers.
  public let type: TensorType
  /// The dimensions in GGUF's order, one to four of them.
  ///
  /// `shape[0]` is the contiguous one, and all are at least 1.
  public let shape: [Int]
  /// The size of the data in bytes.
  public let byteCount: Int
  /// The product of `shape`.
  public let elementCount: Int

  /// The file with the bytes.
  let file: MappedFile
  /// The place of the bytes in `file`; a multiple of `type.alignment`.
  let offset: Int

  /// The length of a row: the contiguous dimension.
  public var columns: Int { shape.first ?? 1 }

  /// The number of rows: all dimensions but the first.
  public var rows: Int { columns == 0 ? 0 : elementCount / columns }

  /// Calls `body` with the bytes of some rows, as `withBytes` does with those of all.
  public func withBytes<R, E: Error>(
    ofRows range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    let size = byteCount / rows
    return try withBytes { (bytes) throws(E) -> R in
      try body(UnsafeRawBufferPointer(rebasing: bytes[(range.lowerBound * size)..<(range.upperBound * size)]))
    }
  }

  /// Calls `body` with the tensor's bytes, which are aligned to `type.alignment` and valid only during the call.
  public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try file.withBytes { (bytes) throws(E) -> R in
      try body(UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + byteCount)]))
    }
  }
}
