public import Tokens

/// One step of a chain: a built-in or a plugin's, the chain cannot tell.
///
/// A value, so that a copy is a clone with the same state; a stage that wraps a reference copies it before the first
/// change of a shared one (`isKnownUniquelyReferenced`).
public protocol SamplerStage: Sendable {
  /// The registered name, as in `SamplerSettings.order`.
  var name: String { get }
  /// Changes logits, drops candidates or selects one.
  ///
  /// At least one candidate above -∞ must be left, or the step fails. Logits must not become NaN.
  mutating func apply(to candidates: inout Candidates) throws(SamplingError)
  /// Hears of a token that is part of the sequence: each of the prompt, then each that was picked.
  mutating func accept(_ token: TokenID)
  /// Forgets every accepted token and starts the random stream again.
  mutating func reset()
}

extension SamplerStage {
  /// Most stages remember nothing.
  public mutating func accept(_ token: TokenID) {}
  /// Most stages remember nothing.
  public mutating func reset() {}
}
