/// What a model's engine is doing and has done since it was loaded.
public struct EngineStatus: Sendable, Equatable {
  /// Sequences being stepped.
  public var active = 0
  /// Requests waiting to run.
  public var waiting = 0
  /// Tokens generated.
  public var generatedTokens = 0
  /// Prompt tokens computed.
  public var prefilledTokens = 0
  /// Prompt tokens found in the cache instead.
  public var reusedTokens = 0
  /// Positions of the KV cache in use, in whole pages.
  public var cacheUsed = 0
  /// Positions that the KV cache can hold.
  public var cacheCapacity = 0
  /// Batches run.
  public var steps = 0

  /// All zero.
  public init() {}
}
