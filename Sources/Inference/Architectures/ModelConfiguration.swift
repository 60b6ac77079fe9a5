public import ModelFormats

/// The shape and constants of a network, read from a file's metadata and checked.
public struct ModelConfiguration: Sendable, Equatable {
  /// `general.architecture`: the prefix of the other keys.
  public var architecture: String
  /// Positions that the network was trained for.
  public var contextLength: Int
  /// Values of a hidden state.
  public var embeddingLength: Int
  /// Layers.
  public var layerCount: Int
  /// Values inside a feed-forward block.
  public var feedForwardLength: Int
  /// Query heads of a layer.
  public var headCount: Int
  /// Key and value heads of a layer; divides `headCount`.
  public var keyValueHeadCount: Int
  /// Values of one query, key or value head.
  public var headLength: Int
  /// The constant under the root of the norms.
  public var normEpsilon: Float
  /// How positions rotate queries and keys.
  public var rope: RopeConfiguration
  /// Positions that a query sees, itself included; 0: all.
  public var slidingWindow: Int
  /// Pieces of the vocabulary, when the metadata says it.
  public var vocabularySize: Int?
  /// Multiplies embeddings, and what a block adds to the residual stream.
  public var embeddingScale: Float
  /// Multiplies what a block adds to the residual stream.
  public var residualScale: Float
  /// Divides the logits.
  public var logitScale: Float
  /// Multiplies the attention scores; 1 / sqrt(`headLength`) unless the file says otherwise.
  public var attentionScale: Float
  /// Values of the metadata that were not used, and why, one sentence each.
  public var setAside: [String]
  /// The type of keys and values in the cache, which the loader decides; no metadata has it.
  public var cacheType = CacheType.f16

  /// Query heads that share a key and value head.
  public var groupSize: Int { headCount / keyValueHeadCount }
  /// Values of all query heads of a position.
  public var queryLength: Int { headCount * headLength }
  /// Values of all key (or value) heads of a position.
  public var keyValueLength: Int { keyValueHeadCount * headLength }
}

extension ModelConfiguration {
  /// Reads and checks the configuration of a llama-shaped network (keys as the GGUF specification names
  /// them).
  ///
  /// - Throws: `InferenceError.metadata` naming the first key that is absent or wrong.
  public init(metadata: Metadata) throws(InferenceError) {
    guard let architecture = metadata.string("general.architecture") else {
      throw .metadata(key: "general.architecture", found: "absent", expected: "a string")
    }
    var read = MetadataReader(metadata: metadata, prefix: architecture)
    try read.rejectExperts()
    self.architecture = architecture
    contextLength = try read.integer("context_length", in: Limits.contextLength)
    embeddingLength = try read.integer("embedding_length", in: Limits.embeddingLength)
    layerCount = try read.integer("block_count", in: Limits.layers)
    feedForwardLength = try read.integer("feed_forward_length", in: Limits.feedForwardLength)
    let heads = try read.heads(embeddingLength: embeddingLength)
    headCount = heads.query
    keyValueHeadCount = heads.keyValue
    headLength = heads.length
    normEpsilon = try read.float("attention.layer_norm_rms_epsilon", in: Limits.epsilon)
    rope = try RopeConfiguration(&read, headLength: heads.length, contextLength: contextLength)
    slidingWindow = read.integer(
      "attention.sliding_window", in: 0...Limits.contextLength.upperBound, default: 0)
    vocabularySize = try read.vocabularySize()
    embeddingScale = read.float("embedding_scale", in: Limits.scale, default: 1)
    residualScale = read.float("residual_scale", in: Limits.scale, default: 1)
    logitScale = read.float("logit_scale", in: Limits.scale, default: 1)
    attentionScale = read.float(
      "attention.scale", in: Limits.scale, default: 1 / Float(heads.length).squareRoot())
    setAside = read.setAside
  }
}
