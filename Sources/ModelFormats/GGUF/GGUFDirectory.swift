import Units

/// Reads the tensor directory of a GGUF file and places every tensor in the data section.
enum GGUFDirectory {
  /// A directory entry before the data section's start is known.
  private struct Entry {
    var name: String
    var type: TensorType
    var shape: [Int]
    var elementCount: Int
    var byteCount: Int
    /// From the start of the data section.
    var offset: UInt64
    /// The place of the entry in the file, for errors.
    var position: Int
  }

  /// Reads `count` entries and checks that every tensor lies inside the file and that no two overlap.
  static func read(
    _ reader: inout ByteReader, count: Int, alignment: Int, file: MappedFile
  ) throws(ModelFormatError) -> [Tensor] {
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    var names: Set<String> = []
    for index in 0..<count {
      let entry = try entry(&reader, index: index)
      guard names.insert(entry.name).inserted else {
        throw reader.error(
          .invalid, at: entry.position, "the tensor \(quoted(entry)) occurs twice",
          expected: "names must be unique")
      }
      entries.append(entry)
    }
    // Cannot overflow, since the offset is within a mapped file and the alignment within `Limits`.
    let start = (reader.offset + alignment - 1) / alignment * alignment
    var tensors: [Tensor] = []
    tensors.reserveCapacity(count)
    for entry in entries {
      tensors.append(try place(entry, start: start, alignment: alignment, file: file))
    }
    try requireDisjoint(entries, reader)
    return tensors
  }

  private static func entry(_ reader: inout ByteReader, index: Int) throws(ModelFormatError) -> Entry {
    let position = reader.offset
    let bytes = try reader.string(limit: Limits.tensorNameBytes, "the name of tensor \(index)")
    guard !bytes.isEmpty, let name = String(validating: bytes, as: UTF8.self) else {
      throw reader.error(
        .invalid, at: position, "the name of tensor \(index) is empty or not UTF-8",
        expected: "every tensor must have a name")
    }
    let quoted = ModelFormatError.quoted(name)
    let shape = try shape(&reader, quoted)
    let typePosition = reader.offset
    let type = try type(try reader.integer(Int32.self, "the type of \(quoted)"), quoted, typePosition, reader)
    let offset = try reader.integer(UInt64.self, "the offset of \(quoted)")
    guard let elements = TensorType.elementCount(shape: shape) else {
      throw reader.error(
        .tooLarge, at: position, "the tensor \(quoted) of shape \(shape) is too large",
        expected: "its number of values must fit 63 bits")
    }
    guard let first = shape.first, first % type.blockValues == 0 else {
      throw reader.error(
        .invalid, at: position, "the tensor \(quoted) has rows of \(counted(shape.first ?? 0, "value"))",
        expected: "a row of \(type.name) must be a multiple of \(type.blockValues)")
    }
    guard let size = type.byteCount(shape: shape) else {
      throw reader.error(
        .tooLarge, at: position, "the tensor \(quoted) of shape \(shape) is too large",
        expected: "its size in bytes must fit 63 bits")
    }
    return Entry(
      name: name, type: type, shape: shape, elementCount: elements, byteCount: size, offset: offset,
      position: position)
  }

  /// The dimensions, one to four; a scalar, which has none in the file, gets one of length 1.
  private static func shape(
    _ reader: inout ByteReader, _ quoted: String
  ) throws(ModelFormatError) -> [Int] {
    let start = reader.offset
    let count = try reader.integer(UInt32.self, "the number of dimensions of \(quoted)")
    guard count <= UInt32(Limits.dimensions) else {
      throw reader.error(
        .invalid, at: start, "the tensor \(quoted) has \(counted(count, "dimension"))",
        expected: "at most \(Limits.dimensions) is allowed")
    }
    var shape: [Int] = []
    for _ in 0..<count {
      let start = reader.offset
      let length = try reader.integer(UInt64.self, "a dimension of \(quoted)")
      guard let dimension = Int(exactly: length), dimension > 0 else {
        throw reader.error(
          .invalid, at: start, "the tensor \(quoted) has a dimension of \(length)",
          expected: "a dimension must be 1 to \(Int.max)")
      }
      shape.append(dimension)
    }
    return shape.isEmpty ? [1] : shape
  }

  private static func type(
    _ number: Int32, _ quoted: String, _ position: Int, _ reader: ByteReader
  ) throws(ModelFormatError) -> TensorType {
    if let type = TensorType(rawValue: number) { return type }
    let name = TensorType.unsupportedName(number).map { " (\($0))" } ?? ""
    let known = TensorType.allCases.map(\.name).joined(separator: ", ")
    throw reader.error(
      .unsupportedType, at: position, "the tensor \(quoted) has type \(number)\(name)",
      expected: "supported types are \(known)")
  }

  private static func place(
    _ entry: Entry, start: Int, alignment: Int, file: MappedFile
  ) throws(ModelFormatError) -> Tensor {
    func invalid(_ what: String, _ expected: String) -> ModelFormatError {
      ModelFormatError(
        .invalid, path: file.path, offset: UInt64(entry.position), "the tensor \(quoted(entry)) \(what)",
        expected: expected)
    }
    func cutShort(_ detail: String) -> ModelFormatError {
      ModelFormatError(
        .truncated, path: file.path, offset: UInt64(file.byteCount), ByteReader.cutShort,
        expected: "download it again (the tensor \(quoted(entry)) \(detail))")
    }
    guard entry.offset % UInt64(alignment) == 0 else {
      throw invalid("has offset \(entry.offset)", "offsets must be multiples of \(alignment)")
    }
    guard let relative = Int(exactly: entry.offset) else {
      throw cutShort("has offset \(entry.offset)")
    }
    let (first, wrapped) = start.addingReportingOverflow(relative)
    let (end, wrappedToo) = first.addingReportingOverflow(entry.byteCount)
    guard !wrapped, !wrappedToo, end <= file.byteCount else {
      throw cutShort("takes \(ByteSize(entry.byteCount)) from byte \(first)")
    }
    guard first % entry.type.alignment == 0 else {
      throw invalid(
        "starts at byte \(first)",
        "tensors of type \(entry.type.name) must start at multiples of \(entry.type.alignment)")
    }
    return Tensor(
      name: entry.name, type: entry.type, shape: entry.shape, byteCount: entry.byteCount,
      elementCount: entry.elementCount, storage: .file(file, offset: first))
  }

  /// Checks that no byte belongs to two tensors; they may come in any order and leave gaps.
  private static func requireDisjoint(
    _ entries: [Entry], _ reader: ByteReader
  ) throws(ModelFormatError) {
    // Offsets count from one start, so their order is that of the tensors.
    let order = entries.indices.sorted { entries[$0].offset < entries[$1].offset }
    for (before, after) in zip(order, order.dropFirst()) {
      // Cannot overflow, since both lie in the file.
      guard entries[before].offset + UInt64(entries[before].byteCount) <= entries[after].offset else {
        throw reader.error(
          .invalid, at: entries[after].position,
          "the tensor \(quoted(entries[after])) overlaps \(quoted(entries[before]))",
          expected: "tensors must not share bytes")
      }
    }
  }

  private static func quoted(_ entry: Entry) -> String { ModelFormatError.quoted(entry.name) }
}
