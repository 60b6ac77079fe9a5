public import Tokens

/// New tokens and the text that is now certain.
public struct GenerationChunk: Sendable, Equatable {
  /// The prompt's tokens, before the first token of the answer, when their log-probabilities were asked for.
  public var prompt: [ScoredToken]
  /// The tokens, in order.
  public var tokens: [GeneratedToken]
  /// Complete UTF-8, not part of a stop string; may lag behind the tokens.
  public var text: String

  /// Tokens and their text.
  public init(tokens: [GeneratedToken], text: String, prompt: [ScoredToken] = []) {
    self.prompt = prompt
    self.tokens = tokens
    self.text = text
  }
}

/// A token that the model produced.
public struct GeneratedToken: Sendable, Equatable {
  /// A candidate for the same position.
  public struct Alternative: Sendable, Equatable {
    /// Its id in the vocabulary.
    public var id: TokenID
    /// Its bytes.
    public var bytes: [UInt8]
    /// Natural logarithm of the model's probability.
    public var logprob: Float

    /// A candidate with its log-probability.
    public init(id: TokenID, bytes: [UInt8], logprob: Float) {
      self.id = id
      self.bytes = bytes
      self.logprob = logprob
    }
  }

  /// Its id in the vocabulary.
  public var id: TokenID
  /// Its bytes; not always UTF-8 on their own.
  public var bytes: [UInt8]
  /// Whether it is a control token, which has no text in the answer.
  public var isSpecial: Bool
  /// Natural logarithm of the model's probability, when asked for.
  public var logprob: Float?
  /// The likeliest tokens, when asked for.
  public var alternatives: [Alternative]
  /// How it was picked, when asked for.
  public var trace: TokenTrace?

  /// A generated token.
  public init(
    id: TokenID, bytes: [UInt8], isSpecial: Bool, logprob: Float?, alternatives: [Alternative],
    trace: TokenTrace? = nil
  ) {
    self.id = id
    self.bytes = bytes
    self.isSpecial = isSpecial
    self.logprob = logprob
    self.alternatives = alternatives
    self.trace = trace
  }
}
