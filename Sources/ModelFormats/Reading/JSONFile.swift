import JSON

/// A JSON text in a model's files; every error names the file and the key.
struct JSONFile: Sendable {
  /// The path, for errors.
  let path: String
  /// The outermost value, or an object in it.
  let root: JSONValue
  /// What comes before its keys in errors: the keys that lead to `root`, with dots.
  let prefix: String

  /// An object in a JSON text that was read.
  init(path: String, root: JSONValue, prefix: String) {
    self.path = path
    self.root = root
    self.prefix = prefix
  }

  /// Reads `bytes`, which begin at `offset` of the file; a key that comes twice is an error.
  init(_ bytes: UnsafeRawBufferPointer, path: String, at offset: Int = 0) throws(ModelFormatError) {
    var options = JSONOptions.python
    options.refusesDuplicateKeys = true
    options.limits.bytes = Limits.jsonBytes
    options.limits.depth = Limits.jsonDepth
    options.limits.values = Limits.jsonValues
    do throws(JSONError) {
      root = try JSONDocument([UInt8](bytes), name: path, options: options).root
    } catch {
      let kind: ModelFormatError.Kind =
        switch error.problem {
        case .syntax: .invalid
        case .limit: .tooLarge
        }
      throw ModelFormatError(
        kind, path: path, offset: UInt64(offset + error.offset), "not JSON that can be read",
        expected: error.reason)
    }
    guard root.kind == .object else {
      throw ModelFormatError(
        .invalid, path: path, offset: UInt64(offset), "the JSON is not an object",
        expected: "it must begin with '{'")
    }
    self.path = path
    prefix = ""
  }

  /// Reads the whole of `file`.
  init(_ file: MappedFile) throws(ModelFormatError) {
    self = try file.withBytes { (bytes) throws(ModelFormatError) in try JSONFile(bytes, path: file.path) }
  }

  /// The value of `key`; nil if there is none or it is null.
  subscript(key: String) -> JSONValue? {
    root[key].flatMap { $0.isNull ? nil : $0 }
  }

  /// An error about the value of `key`.
  func error(_ key: String, _ found: JSONValue?, expected: String) -> ModelFormatError {
    let key = ModelFormatError.shortened(key)
    guard let found else {
      return ModelFormatError(
        .invalid, path: path, "\(prefix)\(key) is missing", expected: "it must be \(expected)")
    }
    return ModelFormatError(
      .invalid, path: path, "\(prefix)\(key) is \(ModelFormatError.shortened(found.sourceText))",
      expected: "it must be \(expected)")
  }
}
