public import Tokens

/// One step of a chain; to the chain, built-in stages and those of plugins are the same.
///
/// A value, so that a copy is a clone with the same state; a stage that wraps a reference copies it before it changes a
/// shared one (`isKnownUniquelyReferenced`).
public protocol SamplerStage: Sendable {
  /// The registered name, as in `SamplerSettings.order`.
  var name: String { get }
  /// Changes logits, drops candidates or picks one.
  ///
  /// At least one candidate above -∞ must be left, or the step fails. Logits must not become NaN.
  mutating func apply(to candidates: inout Candidates) throws(SamplingError)
  /// Is told of each token of the sequence: first those of the prompt, then those that were picked.
  mutating func accept(_ token: TokenID)
  /// Forgets every accepted token and restarts the random stream.
  mutating func reset()
}

extension SamplerStage {
  /// Does nothing: most stages have no memory of the sequence.
  public mutating func accept(_ token: TokenID) {}
  /// Does nothing: most stages have no state.
  public mutating func reset() {}
}
