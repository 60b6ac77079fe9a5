/// The start of a GGUF file that is to be written: everything before the data of its tensors, and the size of that.
///
/// The data follows in the order of `tensors`, each padded with zeros to a multiple of `alignment`. The version is 3.
public struct GGUFHeader: Sendable {
  /// A tensor that will follow.
  public struct Entry: Sendable {
    /// The name in GGUF's spelling.
    public var name: String
    /// The format in which it will be written.
    public var type: TensorType
    /// The dimensions, contiguous first.
    public var shape: [Int]

    /// A tensor without its data.
    public init(name: String, type: TensorType, shape: [Int]) {
      self.name = name
      self.type = type
      self.shape = shape
    }
  }

  /// The bytes from the start of the file to the data.
  public let bytes: [UInt8]
  /// The bytes to which the data of a tensor is padded.
  public let alignment: Int
  /// The size of the whole file in bytes.
  public let byteCount: Int

  /// The start of a file with this metadata and these tensors; `path` is its name in errors.
  ///
  /// - Throws: `ModelFormatError` if a size does not fit the format, or `general.alignment` is not a power of two.
  public init(metadata: Metadata, tensors: [Entry], path: String) throws(ModelFormatError) {
    alignment = try GGUFFile.alignment(metadata, path)
    var values = GGUFValues()
    values.put(UInt32(0x4655_4747))  // "GGUF"
    values.put(UInt32(3))
    values.put(UInt64(tensors.count))
    values.put(UInt64(metadata.keys.count))
    for key in metadata.keys {
      guard let value = metadata[key] else { continue }
      values.put(key: key, value, type: metadata.types[key])
    }
    var offset = 0
    for tensor in tensors {
      values.put(string: tensor.name.utf8)
      values.put(UInt32(tensor.shape.count))
      for dimension in tensor.shape { values.put(UInt64(dimension)) }
      values.put(tensor.type.rawValue)
      values.put(UInt64(offset))
      offset = try Self.end(of: tensor, at: offset, alignment, path)
    }
    values.pad(to: alignment)
    bytes = values.bytes
    let (sum, overflow) = offset.addingReportingOverflow(bytes.count)
    guard !overflow else { throw Self.tooLarge(path) }
    byteCount = sum
  }

  /// Zeros that follow `count` bytes of data.
  public func padding(after count: Int) -> Int {
    let rest = count % alignment
    return rest == 0 ? 0 : alignment - rest
  }

  private static func end(
    of tensor: Entry, at offset: Int, _ alignment: Int, _ path: String
  ) throws(ModelFormatError) -> Int {
    guard let size = tensor.type.byteCount(shape: tensor.shape) else { throw tooLarge(path) }
    let (end, first) = offset.addingReportingOverflow(size)
    let (padded, second) = end.addingReportingOverflow(alignment - 1)
    guard !first, !second else { throw tooLarge(path) }
    return padded / alignment * alignment
  }

  private static func tooLarge(_ path: String) -> ModelFormatError {
    ModelFormatError(.tooLarge, path: path, "the tensors do not fit a file")
  }
}
