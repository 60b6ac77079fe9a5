import JSON

/// The weight files of a checkpoint: one, or several with an index that says which tensor is in which.
enum CheckpointWeights {
  /// A format of weight files.
  private struct Format {
    let name: String
    let index: String
    let read: @Sendable (MappedFile) throws(ModelFormatError) -> [StoredTensor]
    /// Throws unless the file begins as one of this format does.
    let check: @Sendable (MappedFile) throws(ModelFormatError) -> Void
  }

  /// The formats, the preferred one first, as transformers has them.
  private static let formats = [
    Format(
      name: "model.safetensors", index: "model.safetensors.index.json",
      read: { (file) throws(ModelFormatError) in try SafeTensorsFile.read(file) },
      check: { (file) throws(ModelFormatError) in try FileKind(of: file).require(.safeTensors, file.path) }),
    Format(
      name: "pytorch_model.bin", index: "pytorch_model.bin.index.json",
      read: { (file) throws(ModelFormatError) in try TorchFile.read(file) },
      check: { (file) throws(ModelFormatError) in try FileKind(of: file).require(.zip, file.path) }),
  ]

  /// The tensors of a folder by name.
  static func read(_ folder: CheckpointFolder) throws(ModelFormatError) -> [String: StoredTensor] {
    for format in formats {
      if let file = try folder.file(format.name) { return try byName(tensors(of: file, format)) }
      if let index = try folder.json(format.index) { return try shards(index, folder, format) }
    }
    let names = formats.flatMap { [$0.name, $0.index] }
    throw ModelFormatError(
      .notFound, path: folder.path, "the folder has no weights",
      expected: "it needs one of \(names.joined(separator: ", "))")
  }

  private static func tensors(of file: MappedFile, _ format: Format) throws(ModelFormatError)
    -> [StoredTensor]
  {
    try format.check(file)
    return try format.read(file)
  }

  private static func byName(_ tensors: [StoredTensor]) throws(ModelFormatError) -> [String: StoredTensor] {
    var all: [String: StoredTensor] = [:]
    for tensor in tensors {
      guard let other = all.updateValue(tensor, forKey: tensor.name) else { continue }
      throw ModelFormatError(
        .invalid, path: tensor.file.path, "the tensor \(ModelFormatError.quoted(tensor.name)) occurs twice",
        expected: tensor.file === other.file ? "names must be unique" : "\(other.file.path) has it too")
    }
    return all
  }

  /// The tensors of all files that an index names, each of which has what the index says and nothing else.
  private static func shards(
    _ index: JSONFile, _ folder: CheckpointFolder, _ format: Format
  ) throws(ModelFormatError) -> [String: StoredTensor] {
    guard let map = try index.object("weight_map"), let members = map.root.members else {
      throw index.error("weight_map", nil, expected: "an object from tensors to files")
    }
    var places: [String: String] = [:]
    for member in members {
      let name = member.key.string ?? ""
      guard let file = member.value.string else {
        throw map.error(name, member.value, expected: "a file's name")
      }
      guard !file.isEmpty, file != ".", file != "..",
        !file.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
      else {
        throw map.error(name, member.value, expected: "the name of a file in the same folder")
      }
      places[name] = file
    }
    let names = Set(places.values).sorted()
    guard names.count <= Limits.parts else {
      throw ModelFormatError(
        .tooLarge, path: index.path, "weight_map names \(names.count) files",
        expected: "at most \(Limits.parts) is allowed")
    }
    var tensors: [StoredTensor] = []
    for name in names {
      guard let file = try folder.file(name) else {
        throw ModelFormatError(
          .notFound, path: folder.place(of: name), "no such file",
          expected: "\(index.path) asks for it: download all \(names.count) files")
      }
      tensors += try Self.tensors(of: file, format)
    }
    let all = try byName(tensors)
    for (tensor, place) in places.sorted(by: { $0.key < $1.key })
    where all[tensor]?.file.path != folder.place(of: place) {
      throw ModelFormatError(
        .invalid, path: folder.place(of: place),
        "the file lacks the tensor \(ModelFormatError.quoted(tensor))",
        expected: "\(index.path) says that it is there: all files must be of the same download")
    }
    if let stray = tensors.first(where: { places[$0.name] == nil }) {
      throw ModelFormatError(
        .invalid, path: stray.file.path,
        "the file has the tensor \(ModelFormatError.quoted(stray.name)), which the index does not name",
        expected: "\(index.path) must name all: the file may be of another model")
    }
    return all
  }
}
