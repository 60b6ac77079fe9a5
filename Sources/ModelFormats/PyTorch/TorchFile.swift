/// The tensors of a file that `torch.save` wrote: a zip archive with a pickle of names and shapes, and a file for each
/// storage.
///
/// Source: the serialization notes of PyTorch, and torch/serialization.py.
enum TorchFile {
  /// The tensors in the order of the pickle.
  static func read(_ file: MappedFile) throws(ModelFormatError) -> [StoredTensor] {
    try file.withBytes { (bytes) throws(ModelFormatError) in
      var reader = ByteReader(bytes, path: file.path)
      let archive = try ZipArchive(&reader)
      // All entries are in one folder, which has the name of the file as it was saved.
      let folder = archive.firstName.prefix { $0 != "/" }
      guard let pickle = archive.entries[folder + "/data.pkl"] else {
        throw reader.error(
          .invalid, at: 0, "the archive has no data.pkl",
          expected: "torch.save writes one: save the weights again")
      }
      guard archive.entries[folder + "/constants.pkl"] == nil else {
        throw reader.error(
          .unsupported, at: 0, "the archive holds a TorchScript program",
          expected: "save the weights with torch.save(model.state_dict(), ...)")
      }
      try requireLittleEndian(archive.entries[folder + "/byteorder"], bytes, reader)
      guard pickle.range.count <= Limits.pickleBytes else {
        throw reader.error(
          .tooLarge, at: pickle.range.lowerBound, "data.pkl takes \(ByteSize(pickle.range.count))",
          expected: "at most \(ByteSize(Limits.pickleBytes)) is allowed")
      }
      var part = ByteReader(
        UnsafeRawBufferPointer(rebasing: bytes[..<pickle.range.upperBound]), path: file.path)
      try part.move(to: UInt64(pickle.range.lowerBound), "data.pkl")
      var machine = PickleMachine(part)
      guard case .dictionary(let root) = try machine.run() else {
        throw reader.error(
          .invalid, at: pickle.range.lowerBound, "the pickle is not a dictionary of tensors",
          expected: "save the weights with torch.save(model.state_dict(), ...)")
      }
      var tensors: [StoredTensor] = []
      for case (.string(let name), .tensor(let place)) in machine.heap.dictionaries[root] {
        let tensor = machine.heap.tensors[place]
        let entry = archive.entries[folder + "/data/" + tensor.storage.key]
        tensors.append(try stored(tensor, name, entry, file, at: pickle.range.lowerBound))
      }
      guard tensors.count <= Limits.tensors else {
        throw reader.error(
          .tooLarge, at: pickle.range.lowerBound, "the file has \(tensors.count) tensors",
          expected: "at most \(Limits.tensors) is allowed")
      }
      return tensors
    }
  }

  private static func requireLittleEndian(
    _ entry: ZipArchive.Entry?, _ bytes: UnsafeRawBufferPointer, _ reader: ByteReader
  ) throws(ModelFormatError) {
    guard let entry, !bytes[entry.range].elementsEqual("little".utf8) else { return }
    throw reader.error(
      .unsupportedVersion, at: entry.range.lowerBound, "the numbers are not little-endian",
      expected: "save the weights again on a little-endian machine")
  }

  /// Checks that a tensor lies in its storage without gaps.
  private static func stored(
    _ tensor: PickleHeap.Tensor, _ name: String, _ entry: ZipArchive.Entry?, _ file: MappedFile,
    at position: Int
  ) throws(ModelFormatError) -> StoredTensor {
    func invalid(_ what: String, _ expected: String) -> ModelFormatError {
      ModelFormatError(
        .invalid, path: file.path, offset: UInt64(position),
        "the tensor \(ModelFormatError.quoted(name)) \(what)", expected: expected)
    }
    let storage = tensor.storage
    guard let entry else {
      throw invalid(
        "lies in \(ModelFormatError.quoted(storage.key))", "the archive has no such file: download it again")
    }
    guard isContiguous(tensor) else {
      throw invalid(
        "of shape \(tensor.shape) has strides \(tensor.strides)",
        "it must be contiguous: save it again after .contiguous()")
    }
    let (room, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.bytes)
    guard !overflow, room <= entry.range.count else {
      throw invalid(
        "is in a storage of \(storage.count) numbers", "its file has \(ByteSize(entry.range.count))")
    }
    guard let count = TensorType.elementCount(shape: tensor.shape), tensor.offset <= storage.count,
      count <= storage.count - tensor.offset
    else {
      throw invalid(
        "of shape \(tensor.shape) begins at number \(tensor.offset)", "its storage has \(storage.count)")
    }
    // Cannot overflow, since both lie in the storage, which lies in the file.
    return StoredTensor(
      name: name, type: storage.type.tensor, typeName: storage.type.name, shape: tensor.shape, file: file,
      offset: entry.range.lowerBound + tensor.offset * storage.type.bytes,
      byteCount: count * storage.type.bytes)
  }

  /// Whether each row follows the one before; the stride of a dimension of one means nothing.
  private static func isContiguous(_ tensor: PickleHeap.Tensor) -> Bool {
    var stride = 1
    for (length, found) in zip(tensor.shape, tensor.strides).reversed() where length != 1 {
      guard found == stride else { return tensor.shape.contains(0) }
      let (next, overflow) = stride.multipliedReportingOverflow(by: max(length, 1))
      guard !overflow else { return false }
      stride = next
    }
    return true
  }
}
