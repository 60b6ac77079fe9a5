/// The header, metadata and tensor directory of one GGUF file: a whole model, or a part of one.
///
/// It reads little-endian versions 2 and 3, which share a layout: magic, version, two counts, the key-value pairs, the
/// tensor directory, padding, data. Source: docs/gguf.md of ggml-org/ggml.
struct GGUFFile {
  /// The mapping that the tensors lie in.
  let file: MappedFile
  /// The key-value pairs.
  let metadata: Metadata
  /// The tensors in the order of the file.
  let tensors: [Tensor]

  /// Parses and checks everything but the data itself.
  init(_ file: MappedFile) throws(ModelFormatError) {
    self = try file.withBytes { (bytes) throws(ModelFormatError) -> GGUFFile in
      var reader = ByteReader(bytes, path: file.path)
      let counts = try Self.header(&reader)
      let metadata = try GGUFMetadata.read(&reader, count: counts.pairs)
      let tensors = try GGUFDirectory.read(
        &reader, count: counts.tensors, alignment: Self.alignment(metadata, file.path), file: file)
      return GGUFFile(file: file, metadata: metadata, tensors: tensors)
    }
  }

  private init(file: MappedFile, metadata: Metadata, tensors: [Tensor]) {
    self.file = file
    self.metadata = metadata
    self.tensors = tensors
  }

  /// Magic, version, counts.
  private static func header(
    _ reader: inout ByteReader
  ) throws(ModelFormatError) -> (tensors: Int, pairs: Int) {
    let magic = try reader.take(4, "the magic number")
    guard magic.elementsEqual("GGUF".utf8) else {
      throw reader.error(
        .notAModel, at: 0, "not a GGUF file", expected: "those start with the letters GGUF")
    }
    try version(&reader)
    // The fewest bytes of a tensor: name length, one letter, dimension count, type, offset.
    let tensors = try count(&reader, elementBytes: 25, limit: Limits.tensors, "the number of tensors")
    // The fewest bytes of a pair: key length, one letter, type, one byte of value.
    let pairs = try count(
      &reader, elementBytes: 14, limit: Limits.metadataPairs, "the number of metadata keys")
    return (tensors, pairs)
  }

  private static func version(_ reader: inout ByteReader) throws(ModelFormatError) {
    let start = reader.offset
    let version = try reader.integer(UInt32.self, "the version")
    switch version {
    case 2, 3: return
    case 1:
      throw reader.error(
        .unsupportedVersion, at: start, "GGUF version 1",
        expected: "convert the model again to version 3")
    case _ where version & 0xFFFF == 0 && version != 0:
      throw reader.error(
        .unsupportedVersion, at: start, "a big-endian GGUF file",
        expected: "convert the model to little-endian")
    default:
      throw reader.error(
        .unsupportedVersion, at: start, "GGUF version \(version)", expected: "versions 2 and 3 are supported")
    }
  }

  private static func count(
    _ reader: inout ByteReader, elementBytes: Int, limit: Int, _ what: String
  ) throws(ModelFormatError) -> Int {
    let start = reader.offset
    let claimed = try reader.integer(UInt64.self, what)
    return try reader.count(claimed, elementBytes: elementBytes, limit: limit, at: start, what)
  }

  /// The alignment of the data section: a power of two.
  static func alignment(_ metadata: Metadata, _ path: String) throws(ModelFormatError) -> Int {
    guard let value = metadata["general.alignment"] else { return Limits.defaultAlignment }
    guard case .uint(let bits) = value, let alignment = Int(exactly: bits), alignment.nonzeroBitCount == 1
    else {
      throw ModelFormatError(
        .invalid, path: path, "general.alignment is \(value)",
        expected: "an unsigned power of two")
    }
    guard alignment <= Limits.alignment else {
      throw ModelFormatError(
        .tooLarge, path: path, "general.alignment is \(alignment)",
        expected: "at most \(Limits.alignment) is allowed")
    }
    return alignment
  }
}
