public import Tokens

/// What the engine needs from sampling: logits in, one token out.
///
/// A value: a copy is a clone with the same state.
public protocol TokenSampler: Sendable {
  /// Tells the sampler of each token of the sequence: first those of the prompt, then those that were picked.
  mutating func accept(_ token: TokenID)
  /// Picks a token from the logits that follow the last accepted one, without accepting it.
  mutating func sample(_ logits: UnsafeBufferPointer<Float>) throws(SamplingError) -> SampledToken
  /// Does what `sample` does, with the same result and the same draws, and reports what each stage did.
  mutating func sampleTraced(
    _ logits: UnsafeBufferPointer<Float>
  ) throws(SamplingError) -> (token: SampledToken, trace: SamplingTrace)
}

/// A picked token.
public struct SampledToken: Sendable, Equatable {
  /// The token, not accepted yet.
  public var token: TokenID
  /// Its probability among the candidates left at the end of the chain, 0 < p ≤ 1.
  public var probability: Float

  /// A pick with its probability after the chain.
  public init(token: TokenID, probability: Float) {
    self.token = token
    self.probability = probability
  }
}
