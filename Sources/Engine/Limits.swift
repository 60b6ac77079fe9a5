/// Every bound of this module, by name; the defaults of `EngineOptions` among them.
enum Limits {
  /// Sequences that run at the same time, unless the options say otherwise.
  static let sequences = 64
  /// Sequences that the options may allow.
  static let sequencesRange = 1...512
  /// Requests that wait for a place, unless the options say otherwise.
  static let waiting = 256
  /// Requests that the options may let wait.
  static let waitingRange = 0...65_536
  /// The longest time of a step: 512 tokens of a prompt take a model of 70 billion weights some minutes on a slow
  /// machine.
  static let step: Duration = .seconds(1800)
  /// Prompt tokens of one step while no stream is generating.
  static let promptTokens = 512
  /// Prompt tokens of one step beside generating streams: what bounds the pause between two of their tokens.
  static let promptTokensBesideDecoding = 128
  /// Prompt tokens a step that the options may allow.
  static let promptTokensRange = 1...65_536
  /// Tokens that a stream holds for a slow reader before its sequence pauses.
  static let bufferedTokens = 16
  /// Buffered tokens that the options may allow.
  static let bufferedTokensRange = 1...65_536
  /// Finished sequences whose caches are kept for prompts with the same beginning.
  static let prefixes = 64
  /// Kept sequences that the options may allow.
  static let prefixesRange = 0...4096
  /// A common prefix shorter than this is recomputed rather than shared.
  static let sharedPrefix = 16
  /// Maximum number of positions that admission sets aside for the answer of a request: longer answers grow
  /// into free positions, and when none is left, the youngest sequence waits.
  static let reservedAnswer = 256
  /// Positions that admission sets aside for a sequence beyond its reservation, and for the rounding to
  /// pages.
  static let growth = 64
  /// Alternatives that a request may ask for with each token.
  static let topLogprobs = 0...20
}
