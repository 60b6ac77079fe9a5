public import ModelFormats

/// Makes the tokenizer that the metadata of a model names.
public enum TokenizerFactory {
  /// A tokenizer from the metadata of a model.
  public typealias Maker = @Sendable (Metadata) throws(TokenizerError) -> any Tokenizer

  /// The built-in families by their name in `tokenizer.ggml.model`.
  public static let builtIn: [String: Maker] = [
    "gpt2": { (metadata) throws(TokenizerError) in
      if let pre = try metadata.name(MetadataKey.pre), PipelineFile.rawRules.contains(pre) {
        return try PipelineTokenizer(try PipelineFile(raw: metadata, rule: pre, defaults: .bytePair))
      }
      return try BytePairTokenizer(metadata)
    },
    "gemma4": { (metadata) throws(TokenizerError) in
      try PipelineTokenizer(
        try PipelineFile(raw: metadata, rule: "gemma4", defaults: RoleDefaults(addsBeginning: true)))
    },
    "llama": { (metadata) throws(TokenizerError) in try SentencePieceTokenizer(metadata) },
    "bert": { (metadata) throws(TokenizerError) in
      try PipelineTokenizer(try PipelineFile(bert: metadata))
    },
    "t5": { (metadata) throws(TokenizerError) in try NormalizingTokenizer(t5: metadata) },
  ]

  /// The tokenizer of a model: that of its metadata, or of the files beside its weights, with an id for each row of the
  /// embedding.
  public static func make(from file: ModelFile) throws(TokenizerError) -> any Tokenizer {
    guard let files = file.companions else { return try make(from: file.metadata) }
    let tokenizer = try TokenizerFolder(path: file.path, files: files).open()
    return PaddedTokenizer.padding(tokenizer, to: file.tensors["token_embd.weight"]?.rows ?? 0)
  }

  /// The tokenizer of a built-in family for `tokenizer.ggml.model`.
  public static func make(from metadata: Metadata) throws(TokenizerError) -> any Tokenizer {
    try make(from: metadata, makers: builtIn)
  }

  /// The tokenizer for `tokenizer.ggml.model` from the families in `makers`, which may include those of plugins.
  public static func make(from metadata: Metadata, makers: [String: Maker]) throws(TokenizerError)
    -> any Tokenizer
  {
    guard let model = try metadata.name(MetadataKey.model) else { throw .missing(key: MetadataKey.model) }
    guard let maker = makers[model] else {
      throw .unknownName(key: MetadataKey.model, name: model, known: makers.keys.sorted())
    }
    return try maker(metadata)
  }
}
