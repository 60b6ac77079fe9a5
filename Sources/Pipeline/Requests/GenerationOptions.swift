public import Runtime
public import Sampling

/// Options of a generation.
public struct GenerationOptions: Sendable {
  /// Maximum number of tokens to generate; nil: until the context is full.
  public var maxTokens: Int?
  /// Stop strings in addition to the template's.
  public var stop: [String] = []
  /// The request's sampler settings.
  public var sampling = SamplerSettings()
  /// Alternatives to report for each token; nil: no log-probabilities.
  public var topLogprobs: Int?
  /// Alternatives to report for each token of the prompt; nil: no log-probabilities of the prompt.
  public var promptLogprobs: Int?
  /// Whether to keep generating after end-of-generation tokens.
  public var ignoreEnd = false
  /// Whether to report how each token was picked.
  public var trace = false
  /// The preset, or the samplers of the profile, whose values `sampling` overrides.
  public var preset: SamplerPreset?
  /// The profile's name; empty without one.
  public var profile = ""
  /// Whether white space is removed from both ends of the answer.
  public var strip = false
  /// What the answer may begin with that is not part of it.
  public var answerHead = ""
  /// Settings beside the samplers that did not have their default, to be reported.
  public var others: [GenerationFinish.Setting] = []

  /// The default options.
  public init() {}
}
