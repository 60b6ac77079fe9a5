/// Where the bytes of a tensor are.
enum TensorStorage: Sendable {
  /// In a mapped file, from an offset.
  case file(MappedFile, offset: Int)
  /// In memory, because no file has them.
  case memory([UInt8])

  /// Calls `body` with `range` of the tensor's bytes.
  func withBytes<R, E: Error>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    switch self {
    case .file(let file, let offset):
      return try file.withBytes { (bytes) throws(E) -> R in
        let part = (offset + range.lowerBound)..<(offset + range.upperBound)
        return try body(UnsafeRawBufferPointer(rebasing: bytes[part]))
      }
    case .memory(let bytes):
      return try bytes.withUnsafeBufferPointer { (bytes) throws(E) -> R in
        try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range]))
      }
    }
  }

  /// Whether a type of this alignment can be read in place; a mapping starts at a page.
  func isAligned(to alignment: Int) -> Bool {
    switch self {
    case .file(_, let offset): offset.isMultiple(of: alignment)
    case .memory: true
    }
  }
}
