import Units

/// A model on disk: its metadata and its tensors, mapped rather than copied.
///
/// Opening reads headers only. The mapping lives as long as this object or any of its tensors.
public final class ModelFile: Sendable {
  /// The path that was opened.
  public let path: String
  /// The metadata; if the model is split, that of its first part.
  public let metadata: Metadata
  /// Every tensor by name.
  public let tensors: [String: Tensor]
  /// The names of the tensors in the order of the files.
  public let tensorNames: [String]
  /// The size of all files in bytes.
  public let byteCount: Int
  /// The paths of all files in order; only `path` for a model in one file.
  public let parts: [String]
  /// The files beside the weights from which a tokenizer is made, by name; nil if the metadata has the tokenizer.
  public let companions: [String: MappedFile]?
  /// What the files have and the model does not use, and why, one sentence each.
  public let setAside: [String]

  private let files: [MappedFile]

  /// Opens a model: a GGUF file, a part of a split one, which opens all parts, or a folder as the Hugging Face hub
  /// holds it.
  public static func open(path: String) throws(ModelFormatError) -> ModelFile {
    if CheckpointFolder.exists(at: path) { return try Checkpoint.open(path: path) }
    let file = try MappedFile(path: path)
    try FileKind(of: file).require(.gguf, path)
    let parts = try GGUFParts.open(all: try GGUFFile(file))
    return try ModelFile(
      path: path, metadata: parts.first?.metadata ?? Metadata(), tensors: parts.flatMap(\.tensors),
      files: parts.map(\.file))
  }

  /// A model of some files, in which every tensor has a name of its own.
  init(
    path: String, metadata: Metadata, tensors all: [Tensor], files: [MappedFile],
    companions: [String: MappedFile]? = nil, setAside: [String] = []
  ) throws(ModelFormatError) {
    var tensors: [String: Tensor] = [:]
    for tensor in all {
      guard tensors.updateValue(tensor, forKey: tensor.name) == nil else {
        let place = if case .file(let file, _) = tensor.storage { file.path } else { path }
        throw ModelFormatError(
          .invalid, path: place, "the tensor \(ModelFormatError.quoted(tensor.name)) is in two parts")
      }
    }
    var bytes = 0
    for file in files {
      let (sum, overflow) = bytes.addingReportingOverflow(file.byteCount)
      guard !overflow else {
        throw ModelFormatError(
          .tooLarge, path: path, "the sizes of its parts add up to more than an address space")
      }
      bytes = sum
    }
    self.path = path
    self.metadata = metadata
    self.tensors = tensors
    tensorNames = all.map(\.name)
    byteCount = bytes
    parts = files.map(\.path)
    self.companions = companions
    self.setAside = setAside
    self.files = files
  }

  /// The architecture that the metadata names, such as `llama`.
  public var architecture: String? { metadata.string("general.architecture") }

  /// The size of the tensors, by type.
  public var estimate: Estimate { Estimate(tensors.values) }

  /// False if a part was cut or written to since it was opened, so that its bytes cannot be trusted.
  public func stillIntact() -> Bool { files.allSatisfy { $0.stillIntact() } }

  /// Throws `changed`, naming the part, when `stillIntact()` is false.
  public func requireIntact() throws(ModelFormatError) {
    for file in files where !file.stillIntact() {
      throw ModelFormatError(
        .changed, path: file.path, "the file was changed while the model was in use",
        expected: "load the model again")
    }
  }

  /// What all parts were when they were opened, in one word, for `requireState`.
  public var state: String { files.map(\.opened.text).joined(separator: ",") }

  /// Throws `changed` when a part is not what it was for the model that had this state, wherever that was opened.
  public func requireState(_ state: String) throws(ModelFormatError) {
    let before = state.split(separator: ",").map { FileIdentity(text: $0) }
    for (index, file) in files.enumerated() {
      if index < before.count, let then = before[index], file.opened.hasSameContent(as: then) { continue }
      throw ModelFormatError(
        .changed, path: file.path, "this is not the file that the model was loaded from",
        expected: "load the model again")
    }
    guard before.count == files.count else {
      throw ModelFormatError(
        .changed, path: path, "the model now has \(counted(files.count, "file")) instead of \(before.count)",
        expected: "load the model again")
    }
  }

  /// Drops the resident pages of `tensor`, once its data has been copied into another layout.
  public func adviseDontNeed(_ tensor: Tensor) {
    guard case .file(let file, let offset) = tensor.storage else { return }
    file.adviseDontNeed(offset..<(offset + tensor.byteCount))
  }
}
