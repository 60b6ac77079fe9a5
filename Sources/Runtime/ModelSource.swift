/// A model file and how to load it; an option that is nil is chosen to suit the file and the machine.
public struct ModelSource: Sendable, Equatable {
  /// A file on this machine.
  public var path: String
  /// Whether `path` is opened without following symbolic links, because its caller may name only some files.
  public var refusesLinks = false
  /// Maximum number of tokens in a sequence, prompt and answer together.
  public var contextLength: Int?
  /// Threads for arithmetic.
  public var threads: Int?
  /// Number of sequences that can run at the same time; others wait.
  public var maxSequences: Int?
  /// Bytes for the KV cache of all sequences.
  public var cacheBytes: Int?
  /// Type of the KV cache's numbers: "f16" or "f32".
  public var cacheType: String?
  /// The type that weights which are floats are quantised to, such as "q8_0"; nil: they stay as they are.
  public var quantize: String?
  /// The tokenizer to use instead of the file's own: a path, or a plugin's name.
  public var tokenizer: String?
  /// The same as `refusesLinks` for `tokenizer`, which another caller may have set.
  public var tokenizerRefusesLinks = false
  /// A template that the file must have; nil: none in particular.
  public var ownTemplate: String?
  /// `LoadedModel.fileState` of an earlier load, which the file must still have; nil: any.
  public var fileState: String?

  /// A file with default options.
  public init(path: String) {
    self.path = path
  }
}
