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

/// How far a load is.
public struct LoadProgress: Sendable, Equatable {
  /// 0 to 1, never falling.
  public var fraction: Double
  /// What is being done.
  public var stage: String

  /// A fraction and what is being done.
  public init(fraction: Double, stage: String) {
    self.fraction = fraction
    self.stage = stage
  }
}

/// A loaded model, as its worker describes it.
public struct ModelDescription: Sendable, Equatable {
  /// What the file calls itself.
  public var title = ""
  /// "llama", ...
  public var architecture = ""
  /// The type that most of the weights have.
  public var quantization = ""
  /// Weights.
  public var parameterCount = 0
  /// Bytes of the file, all parts.
  public var fileBytes = 0
  /// Bytes of the packed weights.
  public var weightBytes = 0
  /// Bytes of the KV cache when it is full.
  public var cacheBytes = 0
  /// What the KV cache keeps, by name.
  public var cacheType = ""
  /// Positions a sequence may have.
  public var contextLength = 0
  /// Positions it was trained for.
  public var trainedContextLength = 0
  /// Tokens.
  public var vocabularySize = 0
  /// Width of the network.
  public var embeddingLength = 0
  /// Depth of the network.
  public var layerCount = 0
  /// The tokenizer's name.
  public var tokenizer = ""
  /// Threads for arithmetic.
  public var threads = 0
  /// The templates that the checkpoint carries; the first one named "default" is its own choice.
  public var templates: [TemplateSource] = []
  /// The file's metadata as text.
  public var metadata: [String: String] = [:]

  /// All empty.
  public init() {}
}
