import Runtime

/// The limits of a generation request, by name.
public enum GenerationLimits {
  /// Number of stop strings in a request.
  public static let stops = 64
  /// Length of a stop string in bytes.
  public static let stopBytes = 1024
  /// Alternatives reported with each token.
  public static let topLogprobs = 20

  static func check(_ options: GenerationOptions) throws {
    guard options.stop.count <= stops else {
      throw WorkbenchError(
        .invalidArgument, "\(options.stop.count) stop strings were given; the limit is \(stops)",
        field: "options.stop")
    }
    for (index, text) in options.stop.enumerated() where text.isEmpty || text.utf8.count > stopBytes {
      throw WorkbenchError(
        .invalidArgument, "the stop string has \(text.utf8.count) bytes; it must have 1 to \(stopBytes)",
        field: "options.stop[\(index)]")
    }
    if let maxTokens = options.maxTokens, maxTokens < 1 {
      throw WorkbenchError(.invalidArgument, "max_tokens must be at least 1", field: "options.max_tokens")
    }
    if let top = options.topLogprobs, !(0...topLogprobs).contains(top) {
      throw WorkbenchError(
        .invalidArgument, "top_logprobs is \(top); it must be 0 to \(topLogprobs)",
        field: "options.top_logprobs")
    }
  }
}

/// The limits of a pipeline, by name.
enum PipelineLimits {
  /// Tokens of a sequence breaker behind its first one; as many as llama.cpp keeps.
  static let sequenceBreakerTail = 20
  /// Bytes of the tokens of a text in an answer, which must fit a message between worker, daemon and client.
  static let tokensBytes = 224 << 20
  /// Bytes that token ids decode to in an answer, which holds them as bytes and as text of up to three times as much.
  static let decodedBytes = 56 << 20
  /// Bytes of an answer after which others may have their turn.
  static let sliceBytes = 64 << 10
  /// Bytes of a model's metadata as text.
  static let metadataBytes = 1 << 20
  /// Templates that a model file may have.
  static let ownTemplates = 64
  /// Stages that a model file's sampling sequence may name.
  static let sequenceNames = 64
  /// Compiled templates that are cached.
  static let compiledTemplates = 16
}
