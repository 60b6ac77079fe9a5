public import Tokens

/// A token that the model was given, and how probable it was there.
public struct ScoredToken: Sendable, Equatable {
  /// Its id in the vocabulary.
  public var id: TokenID
  /// Its bytes; not always UTF-8 on their own.
  public var bytes: [UInt8]
  /// Whether it is a control token.
  public var isSpecial: Bool
  /// Natural logarithm of the model's probability; nil for a token with none before it.
  public var logprob: Float?
  /// Whether it is the most probable token in its place.
  public var isLikeliest: Bool
  /// The likeliest tokens in its place, when asked for.
  public var alternatives: [GeneratedToken.Alternative]

  /// About how many bytes it takes in a message.
  var messageBytes: Int { alternatives.reduce(24 + bytes.count) { $0 + 16 + $1.bytes.count } }
}
