/// What an engine does now and has done so far.
public struct EngineStatus: Sendable, Equatable {
  /// Sequences with a place, including paused ones.
  public var active = 0
  /// Requests without a place.
  public var waiting = 0
  /// Sequences whose readers have fallen behind, with or without a place.
  public var paused = 0
  /// Caches of finished sequences that are kept.
  public var keptPrefixes = 0
  /// Cache positions in use, in whole pages.
  public var cacheUsed = 0
  /// Cache positions in total.
  public var cacheCapacity = 0
  /// Steps of the model so far.
  public var steps = 0
  /// Tokens generated so far.
  public var generatedTokens = 0
  /// Prompt tokens computed so far, including recomputed ones.
  public var prefilledTokens = 0
  /// Prompt tokens found in caches so far.
  public var cachedTokens = 0
  /// How often a sequence gave up its cache to others.
  public var preemptions = 0

  /// An engine that has done nothing.
  public init() {}
}
