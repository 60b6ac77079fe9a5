/// One tensor of a model: its name, type and shape as GGUF has them, and its bytes.
public struct Tensor: Sendable {
  /// The name in GGUF's spelling, such as `blk.0.attn_q.weight`.
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

  let storage: TensorStorage
  let rowOrder: RowOrder

  /// A tensor whose `byteCount` bytes lie in `storage`, and whose outermost dimension is a multiple of a head's length
  /// where its rows are in another order.
  init(
    name: String, type: TensorType, shape: [Int], byteCount: Int, elementCount: Int, storage: TensorStorage,
    rowOrder: RowOrder = .stored
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.byteCount = byteCount
    self.elementCount = elementCount
    self.storage = storage
    self.rowOrder = rowOrder
  }

  /// The length of a row: the contiguous dimension.
  public var columns: Int { shape.first ?? 1 }

  /// The number of rows: all dimensions but the first.
  public var rows: Int { columns == 0 ? 0 : elementCount / columns }

  /// Whether its bytes lie together and aligned, so that reading them copies nothing.
  public var isInPlace: Bool { rowOrder == .stored && storage.isAligned(to: type.alignment) }

  /// Calls `body` with the tensor's bytes in GGUF's order, which are aligned to `type.alignment` and valid only during
  /// the call; they are a copy unless `isInPlace`.
  public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    // The rows of a vector are its values.
    let rows = shape.count == 1 ? elementCount : rows
    return try withBytes(of: 0..<rows, each: byteCount / rows, body)
  }

  /// Calls `body` with the bytes of some rows, as `withBytes` does with those of all.
  public func withBytes<R, E: Error>(
    ofRows range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    // The one row of a vector is all of it, and its values may be in another order.
    if shape.count == 1, !range.isEmpty { return try withBytes(body) }
    return try withBytes(of: range, each: byteCount / rows, body)
  }

  private func withBytes<R, E: Error>(
    of rows: Range<Int>, each size: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    if isInPlace {
      return try storage.withBytes((rows.lowerBound * size)..<(rows.upperBound * size), body)
    }
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: rows.count * size, alignment: 64)
    defer { copy.deallocate() }
    for (place, row) in rows.enumerated() {
      let stored = rowOrder.stored(row) * size
      storage.withBytes(stored..<(stored + size)) { bytes in
        UnsafeMutableRawBufferPointer(rebasing: copy[(place * size)..<((place + 1) * size)])
          .copyMemory(from: bytes)
      }
    }
    return try body(UnsafeRawBufferPointer(copy))
  }
}
