/// A folder as the Hugging Face hub holds models: `config.json`, weights, a tokenizer.
///
/// It becomes the metadata and the tensors that a GGUF file of the same model has; only the tokenizer stays as it is,
/// because its own files say more than GGUF can.
enum Checkpoint {
  /// The files from which the tokenizer is made; the folder has some of them.
  private static let tokenizerFiles = [
    "tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json",
  ]

  /// Opens the folder at `path`.
  static func open(path: String) throws(ModelFormatError) -> ModelFile {
    let folder = CheckpointFolder(path: path)
    guard let json = try folder.json("config.json") else {
      throw ModelFormatError(
        .notAModel, path: path, "the folder has no config.json",
        expected: "give a folder as the Hugging Face hub holds it, or the path of a GGUF file")
    }
    let config = try CheckpointConfig(json)
    var metadata = Metadata()
    config.write(to: &metadata)
    metadata.add("general.name", .string(Array(name(of: folder).utf8)))
    let generation = try GenerationDefaults(folder, config: json)
    generation.write(to: &metadata)
    try CheckpointChatTemplates.write(folder, to: &metadata)
    let tensors = try CheckpointTensors(config, try CheckpointWeights.read(folder), folder: folder)
    var companions: [String: MappedFile] = [:]
    for name in tokenizerFiles { companions[name] = try folder.file(name) }
    return try ModelFile(
      path: path, metadata: metadata, tensors: tensors.tensors, files: folder.opened, companions: companions,
      setAside: config.rope.setAside + generation.setAside + tensors.setAside)
  }

  /// The name of the model: that of the folder, or in the hub's cache that of the repository.
  private static func name(of folder: CheckpointFolder) -> String {
    let parts = folder.path.split(separator: "/").filter { $0 != "." }
    if parts.count >= 3, parts[parts.count - 2] == "snapshots", parts[parts.count - 3].hasPrefix("models--") {
      return String(parts[parts.count - 3].split(separator: "--").last ?? "")
    }
    return parts.last.map(String.init) ?? ""
  }
}
