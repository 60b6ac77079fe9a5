public import Tokens

/// What the engine needs of sampling: logits in, one token out.
///
/// A value, so that a copy is a clone.
public protocol TokenSampler: Sendable {
  /// Tells the sampler of a token that is part of the sequence: each of the prompt, then each that was picked.
  mutating func accept(_ token: TokenID)
  /// Picks a token from the logits after the last accepted one; does not accept it.
  mutating func sample(_ logits: UnsafeBufferPointer<Float>) throws(SamplingError) -> SampledToken
  /// Does what `sample` does, with the same result and the same draws, and tells how it came about.
  mutating func sampleTraced(
    _ logits: UnsafeBufferPointer<Float>
  ) throws(SamplingError) -> (token: SampledToken, trace: SamplingTrace)
}

/// A picked token.
public struct SampledToken: Sendable, Equatable {
  /// The token.
  public var token: TokenID
  /// Its probability among the candidates that were left at the end of the chain, 0 < p ≤ 1.
  public var probability: Float

  /// A pick with its probability after the chain.
  public init(token: TokenID, probability: Float) {
    self.token = token
    self.probability = probability
  }
}
