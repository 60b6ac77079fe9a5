public import Runtime
public import Tokens

/// The facts of a loaded model.
public struct ModelDescription: Sendable, Equatable {
  /// `general.name` of the file; empty if it has none.
  public var title = ""
  /// `general.architecture` of the file, such as "llama".
  public var architecture = ""
  /// The type of most of the weights, such as "Q4_1".
  public var quantization = ""
  /// The type of most of the weights in the file, if they were quantised while they were packed; otherwise empty.
  public var quantizedFrom = ""
  /// Number of weights.
  public var parameterCount = 0
  /// Bytes of the file, all parts.
  public var fileBytes = 0
  /// Bytes of the packed weights.
  public var weightBytes = 0
  /// Bytes of the KV cache when it is full.
  public var cacheBytes = 0
  /// Type of the KV cache's numbers: "f16" or "f32".
  public var cacheType = ""
  /// Maximum number of tokens in a sequence.
  public var contextLength = 0
  /// Context length that it was trained with, in tokens.
  public var trainedContextLength = 0
  /// Number of tokens in the vocabulary.
  public var vocabularySize = 0
  /// Width of the network's hidden state.
  public var embeddingLength = 0
  /// Number of layers.
  public var layerCount = 0
  /// The tokenizer's name, such as "gpt2/smollm".
  public var tokenizer = ""
  /// Threads for arithmetic.
  public var threads = 0
  /// The templates in the model file; the first is its default.
  public var templates: [TemplateSource] = []
  /// What the files were when they were opened, in one word.
  public var fileState = ""
  /// Values of the file that were not used as they are, and why, one sentence each; without those about the tokenizer.
  public var setAside: [String] = []
  /// The same about the tokenizer.
  public var setAsideByTokenizer: [String] = []
  /// The tokens that end an answer, in the order of their ids.
  public var endTokens: [EndToken] = []
  /// The file's metadata as text.
  public var metadata: [String: String] = [:]

  /// All empty.
  public init() {}
}

/// A token that ends an answer.
public struct EndToken: Sendable, Equatable {
  /// Its id in the vocabulary.
  public var id: TokenID
  /// Its spelling in the vocabulary.
  public var piece: [UInt8]

  /// A token with its spelling.
  public init(id: TokenID, piece: [UInt8]) {
    self.id = id
    self.piece = piece
  }
}
