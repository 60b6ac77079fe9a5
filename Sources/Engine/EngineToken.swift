public import Sampling
public import Tokens

/// One generated token.
public struct EngineToken: Sendable, Equatable {
  /// The token.
  public var token: TokenID
  /// Its place in the answer, from 0.
  public var index: Int
  /// Its probability among the candidates that the sampler left.
  public var probability: Float
  /// Natural logarithm of its probability by the model's own logits, if the request asked for them.
  public var logprob: Float?
  /// The most probable tokens by the model's own logits, best first, as many as the request asked for.
  public var top: [TokenLogprob]
  /// How it was picked, if the request asked for that.
  public var trace: SamplingTrace?
}

/// How a sequence ended, and what it took.
public struct EngineFinish: Sendable, Equatable {
  /// Why a sequence ended.
  public enum Reason: Sendable, Equatable {
    /// The request's `maxTokens` was reached.
    case maxTokens
    /// This stop token was picked; it is not part of the answer.
    case stopToken(TokenID)
    /// The sequence fills the context.
    case contextFull
    /// No cache page is left for the only running sequence.
    case cacheFull
    /// Every text was scored.
    case scored
    /// The reader called `stop`.
    case stopped
  }

  /// Why it ended.
  public var reason: Reason
  /// Tokens of the prompt.
  public var promptTokens: Int
  /// Of those, tokens whose keys and values another sequence had computed.
  public var cachedPromptTokens: Int
  /// Tokens of the answer; after `stop`, those that were read.
  public var generatedTokens: Int
  /// Where the time went.
  public var timings: EngineTimings
  /// How the stop token was picked, if one came and the request asked for that.
  public var trace: SamplingTrace?
}

/// Where the time of a sequence went.
public struct EngineTimings: Sendable, Equatable {
  /// From the request to a place.
  public var queue: Duration = .zero
  /// From there to the first token.
  public var prefill: Duration = .zero
  /// From there to the end.
  public var decode: Duration = .zero
}
