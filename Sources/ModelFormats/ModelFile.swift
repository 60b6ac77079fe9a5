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
  /// The size of all parts in bytes.
  public let byteCount: Int
  /// The paths of all parts in order; only `path` if the model is not split.
  public let parts: [String]

  private let files: [MappedFile]

  /// Opens a model; naming one part of a split model opens all of them.
  public static func open(path: String) throws(ModelFormatError) -> ModelFile {
    let file = try MappedFile(path: path)
    try FileKind(of: file).requireReadable(path)
    let opened = try GGUFFile(file)
    return try ModelFile(path: path, parts: GGUFParts.open(all: opened))
  }

  /// A model of `parts`, the first of which has the metadata.
  init(path: String, parts: [GGUFFile]) throws(ModelFormatError) {
    var tensors: [String: Tensor] = [:]
    var names: [String] = []
    var bytes = 0
    for part in parts {
      for tensor in part.tensors {
        guard tensors.updateValue(tensor, forKey: tensor.name) == nil else {
          throw ModelFormatError(
            .invalid, path: part.file.path,
            "the tensor \(ModelFormatError.quoted(tensor.name)) is in two parts")
        }
        names.append(tensor.name)
      }
      let (sum, overflow) = bytes.addingReportingOverflow(part.file.byteCount)
      guard !overflow else {
        throw ModelFormatError(
          .tooLarge, path: path, "the sizes of its parts add up to more than an address space")
      }
      bytes = sum
    }
    self.path = path
    self.metadata = parts.first?.metadata ?? Metadata()
    self.tensors = tensors
    self.tensorNames = names
    self.byteCount = bytes
    self.parts = parts.map(\.file.path)
    self.files = parts.map(\.file)
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
        .changed, path: path, "the model now has \(counted(files.count, "part")) instead of \(before.count)",
        expected: "load the model again")
    }
  }

  /// Drops the resident pages of `tensor`, once its data has been copied into another layout.
  public func adviseDontNeed(_ tensor: Tensor) {
    tensor.file.adviseDontNeed(tensor.offset..<(tensor.offset + tensor.byteCount))
  }
}
