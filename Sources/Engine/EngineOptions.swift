/// How an engine shares its model among requests.
public struct EngineOptions: Sendable, Equatable {
  /// Sequences that run at the same time.
  public var maxSequences = Limits.sequences
  /// Requests that wait for a place; one more is refused.
  public var maxWaiting = Limits.waiting
  /// Prompt tokens of one step while no stream is generating.
  public var promptTokensPerStep = Limits.promptTokens
  /// Prompt tokens of one step beside generating streams: what bounds the pause between two of their tokens.
  public var promptTokensBesideDecoding = Limits.promptTokensBesideDecoding
  /// Tokens that a stream holds for a slow reader before its sequence pauses.
  public var bufferedTokens = Limits.bufferedTokens
  /// Finished sequences whose caches are kept for prompts with the same beginning; 0 keeps none.
  public var keptPrefixes = Limits.prefixes

  /// The defaults.
  public init() {}

  /// - Throws: `outOfRange` naming the option and what it takes.
  public func check() throws(EngineError) {
    try check("max_sequences", maxSequences, Limits.sequencesRange)
    try check("max_waiting", maxWaiting, Limits.waitingRange)
    try check("prompt_tokens_per_step", promptTokensPerStep, Limits.promptTokensRange)
    try check("prompt_tokens_beside_decoding", promptTokensBesideDecoding, Limits.promptTokensRange)
    try check("buffered_tokens", bufferedTokens, Limits.bufferedTokensRange)
    try check("kept_prefixes", keptPrefixes, Limits.prefixesRange)
  }

  private func check(_ field: String, _ value: Int, _ range: ClosedRange<Int>) throws(EngineError) {
    guard range.contains(value) else { throw .outOfRange(field: field, value: value, expected: range) }
  }
}
