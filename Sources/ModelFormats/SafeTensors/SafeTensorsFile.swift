import JSON

/// The tensor directory of a safetensors file.
///
/// Eight bytes give the length of the header, which is JSON: from each name to type, shape and range of bytes behind the
/// header. The ranges follow each other without gaps to the end of the file. Source: the README and the reader of
/// huggingface/safetensors.
enum SafeTensorsFile {
  /// The tensors in the order of their bytes.
  static func read(_ file: MappedFile) throws(ModelFormatError) -> [StoredTensor] {
    try file.withBytes { (bytes) throws(ModelFormatError) in
      var reader = ByteReader(bytes, path: file.path)
      let length = try reader.integer(UInt64.self, "the length of the header")
      guard length <= UInt64(reader.remaining) else {
        throw reader.error(
          .truncated, at: 0, ByteReader.cutShort,
          expected: "download it again (its header takes \(ByteSize(length)))")
      }
      guard length <= UInt64(Limits.jsonBytes) else {
        throw reader.error(
          .tooLarge, at: 0, "the header takes \(ByteSize(length))",
          expected: "at most \(ByteSize(Limits.jsonBytes)) is allowed")
      }
      let header = try JSONFile(try reader.take(length, "the header"), path: file.path, at: 8)
      var entries: [Entry] = []
      for member in header.root.members.map(Array.init) ?? [] {
        let name = member.key.string ?? ""
        guard name != "__metadata__" else { continue }
        guard entries.count < Limits.tensors else {
          throw reader.error(
            .tooLarge, "the file has more than \(Limits.tensors) tensors", expected: "fewer are allowed")
        }
        entries.append(try Entry(name, member.value, file))
      }
      return try place(&entries, from: reader.offset, file)
    }
  }

  /// What the header says of a tensor.
  private struct Entry {
    let name: String
    let typeName: String
    let itemBytes: Int
    let shape: [Int]
    /// From the end of the header.
    let range: Range<Int>
    /// The place of the entry in the file.
    let position: Int

    init(_ name: String, _ value: JSONValue, _ file: MappedFile) throws(ModelFormatError) {
      let position = 8 + value.offset
      func invalid(_ what: String, _ expected: String) -> ModelFormatError {
        ModelFormatError(
          .invalid, path: file.path, offset: UInt64(position),
          "the tensor \(ModelFormatError.quoted(name)) \(what)", expected: expected)
      }
      guard let typeName = value["dtype"]?.string, let bytes = SafeTensorsFile.itemBytes[typeName] else {
        throw invalid(
          "has the type \(ModelFormatError.shortened(value["dtype"]?.sourceText ?? "nothing"))",
          "types are \(SafeTensorsFile.itemBytes.keys.sorted().joined(separator: ", "))")
      }
      let listed = value["shape"]?.elements.map { $0.map(\.int) }
      guard let listed, listed.count <= Limits.dimensions, listed.allSatisfy({ ($0 ?? -1) >= 0 }) else {
        throw invalid("has no usable shape", "a shape is at most \(Limits.dimensions) numbers from 0")
      }
      let shape = listed.compactMap { $0 }
      let offsets = value["data_offsets"]?.elements.map { $0.map(\.int) } ?? []
      guard offsets.count == 2, let first = offsets[0], let end = offsets[1], first >= 0, end >= first else {
        throw invalid("has no usable data_offsets", "they must be a start and an end in bytes")
      }
      let (size, overflow) = (TensorType.elementCount(shape: shape) ?? Int.max)
        .multipliedReportingOverflow(by: bytes)
      guard !overflow, end - first == size else {
        throw invalid(
          "takes \(ByteSize(end - first))", "its shape \(shape) of \(typeName) takes another size")
      }
      self.name = name
      self.typeName = typeName
      itemBytes = bytes
      self.shape = shape
      range = first..<end
      self.position = position
    }
  }

  /// Checks that the ranges follow each other from `start` to the end of the file.
  private static func place(
    _ entries: inout [Entry], from start: Int, _ file: MappedFile
  ) throws(ModelFormatError) -> [StoredTensor] {
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var end = 0
    var tensors: [StoredTensor] = []
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw ModelFormatError(
          .invalid, path: file.path, offset: UInt64(entry.position),
          "the tensor \(ModelFormatError.quoted(entry.name)) begins at byte \(entry.range.lowerBound) of the data",
          expected: "the tensor before it ends at byte \(end)")
      }
      end = entry.range.upperBound
      guard end <= file.byteCount - start else {
        throw ModelFormatError(
          .truncated, path: file.path, offset: UInt64(file.byteCount), ByteReader.cutShort,
          expected:
            "download it again (the tensor \(ModelFormatError.quoted(entry.name)) ends at byte \(end) of the data)"
        )
      }
      tensors.append(
        StoredTensor(
          name: entry.name, type: TensorType(name: entry.typeName), typeName: entry.typeName,
          shape: entry.shape, file: file, offset: start + entry.range.lowerBound, byteCount: entry.range.count
        ))
    }
    guard end == file.byteCount - start else {
      throw ModelFormatError(
        .invalid, path: file.path, offset: UInt64(start + end),
        "\(ByteSize(file.byteCount - start - end)) belong to no tensor",
        expected: "the last tensor must end with the file")
    }
    return tensors
  }

  /// The bytes of one number of each type.
  private static let itemBytes = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
  ]
}
