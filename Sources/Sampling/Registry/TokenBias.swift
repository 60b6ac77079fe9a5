public import Tokens

/// What is added to the logit of one token; -∞ bans it.
public struct TokenBias: Sendable, Equatable {
  /// The token whose logit changes.
  public var token: TokenID
  /// In logits.
  public var bias: Float

  /// A bias of one token.
  public init(token: TokenID, bias: Float) {
    self.token = token
    self.bias = bias
  }
}
