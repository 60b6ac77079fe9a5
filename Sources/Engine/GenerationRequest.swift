public import Sampling
public import Tokens

/// A prompt and how to continue it.
public struct GenerationRequest: Sendable {
  /// The tokens so far; at least one, at most the context.
  public var prompt: [TokenID]
  /// Picks the tokens; the engine tells it of the prompt.
  public var sampler: any TokenSampler
  /// Maximum number of tokens to generate; nil: until the context is full.
  ///
  /// 0 only runs the prompt.
  public var maxTokens: Int?
  /// Tokens that end the sequence; such a token is not part of the answer.
  public var stopTokens: Set<TokenID>
  /// Tokens that the tokenizer knows; nil: as many as the network has rows for.
  ///
  /// Rows beyond these are never picked.
  public var vocabularySize: Int?
  /// Alternatives to report with each token, 0 to 20; nil: no log-probabilities at all.
  public var topLogprobs: Int?
  /// Alternatives to report with each token of the prompt, 0 to 20; nil: no log-probabilities of the prompt.
  ///
  /// With them the whole prompt is computed, since only that gives its logits.
  public var promptLogprobs: Int?
  /// Whether to report how each token was picked.
  public var traces: Bool
  /// Whether kept caches may be used for this prompt, and whether its own is kept.
  public var cacheable: Bool

  /// A request with everything optional left out.
  public init(
    prompt: [TokenID], sampler: any TokenSampler, maxTokens: Int? = nil, stopTokens: Set<TokenID> = [],
    vocabularySize: Int? = nil, topLogprobs: Int? = nil, promptLogprobs: Int? = nil,
    traces: Bool = false, cacheable: Bool = true
  ) {
    self.prompt = prompt
    self.sampler = sampler
    self.maxTokens = maxTokens
    self.stopTokens = stopTokens
    self.vocabularySize = vocabularySize
    self.topLogprobs = topLogprobs
    self.promptLogprobs = promptLogprobs
    self.traces = traces
    self.cacheable = cacheable
  }
}
