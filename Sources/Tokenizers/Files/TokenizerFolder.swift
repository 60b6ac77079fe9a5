import JSON
import ModelFormats

/// The files from which a tokenizer is made, by name: those of a folder, or those that a model has beside its weights.
struct TokenizerFolder {
  /// The names under which the vocabulary may be, the preferred one first.
  static let vocabularies = ["tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model"]

  /// The folder, for errors.
  private let path: String
  /// nil: the files on disk.
  private let files: [String: MappedFile]?

  /// The folder at `path`.
  init(path: String) {
    self.path = path
    files = nil
  }

  /// Files that are open already, of the folder at `path`.
  init(path: String, files: [String: MappedFile]) {
    self.path = path
    self.files = files
  }

  /// The bytes of a file; nil if there is none of this name.
  private func bytes(_ name: String, limit: Int) throws(TokenizerError) -> [UInt8]? {
    guard let files else {
      let place = place(of: name)
      return FileBytes.exists(place) ? try FileBytes.read(place, limit: limit) : nil
    }
    guard let file = files[name] else { return nil }
    guard file.byteCount <= limit else {
      throw .limit(name: "fileBytes", found: file.byteCount, maximum: limit)
    }
    return file.withBytes { [UInt8]($0) }
  }

  /// The tokenizer of the folder, as Hugging Face's transformers opens it: `tokenizer.json` where there is one, amended
  /// by `tokenizer_config.json` and `special_tokens_map.json`.
  func open() throws(TokenizerError) -> any Tokenizer {
    let (name, bytes) = try vocabulary()
    if name == Self.vocabularies[0] {
      let document = try JSONDocument.read(bytes, name: name)
      return try PipelineTokenizer(try PipelineFile(document.root, try config()))
    }
    let file = try bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
      try SentencePieceFile(buffer)
    }
    let config = try config()
    if let tokenizer = try SentencePieceTokenizer(file, config) { return tokenizer }
    return try NormalizingTokenizer(file)
  }

  /// The file of the vocabulary: its name and its bytes.
  func vocabulary() throws(TokenizerError) -> (name: String, bytes: [UInt8]) {
    for name in Self.vocabularies {
      if let bytes = try bytes(name, limit: Limits.fileBytes) { return (name, bytes) }
    }
    throw .file(
      path: path,
      reason: "the folder has no tokenizer; it needs one of \(Self.vocabularies.joined(separator: ", "))")
  }

  /// The path of a file of the folder, for errors.
  func place(of name: String) -> String { "\(path)/\(name)" }

  /// What the files beside the vocabulary say; the second fills in what the first leaves out.
  func config() throws(TokenizerError) -> TokenizerConfig {
    var config = TokenizerConfig()
    for name in ["tokenizer_config.json", "special_tokens_map.json"] {
      guard let bytes = try bytes(name, limit: Limits.configBytes) else { continue }
      try config.read(try JSONDocument.read(bytes, name: name).root)
    }
    if let bytes = try bytes("added_tokens.json", limit: Limits.configBytes) {
      try config.readAdded(try JSONDocument.read(bytes, name: "added_tokens.json").root)
    }
    return config
  }
}
