public import Runtime

/// What a model file is and how it was loaded.
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
