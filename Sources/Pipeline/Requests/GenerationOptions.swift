public import Runtime
public import Sampling

/// How an answer is to be generated.
public struct GenerationOptions: Sendable {
  /// Maximum number of tokens to generate; nil: until the context is full.
  public var maxTokens: Int?
  /// Texts that end the answer, beside the template's.
  public var stop: [String] = []
  /// What the request sets of the sampler chain.
  public var sampling = SamplerSettings()
  /// Alternatives to report for each token; nil: no log-probabilities.
  public var topLogprobs: Int?
  /// Whether to go on past end-of-generation tokens.
  public var ignoreEnd = false
  /// Whether to report how each token was picked.
  public var trace = false
  /// The named chain that applies beneath `sampling`.
  public var preset: SamplerPreset?

  /// Every default.
  public init() {}
}
