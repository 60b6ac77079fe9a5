/// A model file and how to load it; nil: as the file or the machine suggests.
public struct ModelSource: Sendable, Equatable {
  /// A file on this machine.
  public var path: String
  /// Positions a sequence may have.
  public var contextLength: Int?
  /// Threads for arithmetic.
  public var threads: Int?
  /// Sequences that may run at the same time.
  public var maxSequences: Int?
  /// Bytes for the KV cache of all sequences.
  public var cacheBytes: Int?
  /// What the KV cache keeps, by name: "f16" or "f32".
  public var cacheType: String?
  /// The tokenizer instead of the file's own: a path, or a plugin's name.
  public var tokenizer: String?

  /// A file with every default.
  public init(path: String) {
    self.path = path
  }
}
