public import Sampling

/// How a token was picked.
public struct TokenTrace: Sendable, Equatable {
  /// What each stage of the chain did, in order.
  public var stages: [SamplingTrace.Stage]
  /// The likeliest tokens of the model's own distribution, best first.
  public var likeliest: [GeneratedToken.Alternative]

  /// The trace of one token.
  public init(stages: [SamplingTrace.Stage], likeliest: [GeneratedToken.Alternative]) {
    self.stages = stages
    self.likeliest = likeliest
  }
}
