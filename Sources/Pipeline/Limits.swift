import Runtime

/// The limits of a generation request, by name.
public enum GenerationLimits {
  /// Number of stop strings in a request.
  public static let stops = 64
  /// Length of a stop string in bytes.
  public static let stopBytes = 1024
  /// Alternatives reported with each token.
  public static let topLogprobs = 20

  /// Alternatives reported with each token of the prompt.
  public static let promptLogprobs = 20

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
    if let top = options.promptLogprobs, !(0...promptLogprobs).contains(top) {
      throw WorkbenchError(
        .invalidArgument, "prompt_logprobs is \(top); it must be 0 to \(promptLogprobs)",
        field: "options.prompt_logprobs")
    }
  }
}

/// The limits of a scoring request, by name.
public enum ScoringLimits {
  /// Continuations of a request.
  public static let continuations = 65_536
  /// Alternatives reported with each token.
  public static let topLogprobs = 20
  /// Bytes of text that a request turns into tokens: its context once for each continuation.
  public static let encodedBytes = 256 << 20

  /// Tokens that the windows of a document have in all, each counted as often as it is computed.
  public static let windowTokens = 1 << 26

  /// Refuses windows that overlap so much that they would take days.
  static func check(documentTokens: Int, length: Int, overlap: Int) throws {
    let fresh = length - overlap + 1
    let windows = max(0, documentTokens - length + fresh - 1) / fresh + 1
    let (tokens, overflow) = windows.multipliedReportingOverflow(by: length)
    guard !overflow, tokens <= windowTokens else {
      throw WorkbenchError(
        .outOfRange,
        "\(documentTokens) tokens make \(windows) windows of \(length) tokens, but all windows together may have at most "
          + "\(windowTokens); choose a smaller overlap_tokens",
        field: "document.overlap_tokens")
    }
  }

  /// Refuses continuations of so long a context that turning them into tokens would take minutes.
  static func check(contextBytes: Int, texts: [Int], field: String) throws {
    let (product, overflow) = contextBytes.multipliedReportingOverflow(by: texts.count)
    let bytes = overflow ? Int.max : texts.reduce(product) { $0.addingReportingOverflow($1).partialValue }
    guard !overflow, (0...encodedBytes).contains(bytes) else {
      throw WorkbenchError(
        .outOfRange,
        "the context has \(contextBytes >> 10) KiB, which is encoded with each of the \(texts.count) continuations; "
          + "at most \(encodedBytes >> 20) MiB are encoded for a request: send fewer continuations at once",
        field: field)
    }
  }

  static func check(_ job: ScoreJob) throws {
    if case .continuations(let texts, _, _) = job.input, !(1...continuations).contains(texts.count) {
      throw WorkbenchError(
        .invalidArgument, "\(texts.count) continuations were given; there must be 1 to \(continuations)",
        field: "continuations.continuations")
    }
    if let top = job.topLogprobs, !(0...topLogprobs).contains(top) {
      throw WorkbenchError(
        .invalidArgument, "top_logprobs is \(top); it must be 0 to \(topLogprobs)", field: "top_logprobs")
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
  /// Bytes of a rendered prompt with its parts and tokens in an answer.
  static let renderedBytes = 224 << 20
  /// Bytes of the files of an exported tokenizer.
  static let exportedBytes = 224 << 20
  /// Bytes of scored tokens from which on a message has enough of them: clients of gRPC take 4 MiB.
  static let partBytes = 1 << 20
  /// Findings of a template's check.
  static let findings = 100
  /// Characters of a template's output that a finding shows.
  static let quotedCharacters = 100
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
