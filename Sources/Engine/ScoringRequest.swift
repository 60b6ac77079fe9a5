public import Sampling
public import Tokens

/// Texts whose probabilities are wanted, all after the same beginning.
public struct ScoringRequest: Sendable {
  /// A text after the common beginning.
  public struct Text: Sendable, Equatable {
    /// Its tokens, at least one; a slice, since the windows of a long document overlap.
    public var tokens: ArraySlice<TokenID>
    /// The first of them that is scored; those before it are only context.
    public var firstScored: Int

    /// A text of which everything from `firstScored` on is scored.
    public init(_ tokens: ArraySlice<TokenID>, firstScored: Int) {
      self.tokens = tokens
      self.firstScored = firstScored
    }

    /// A text of which everything from `firstScored` on is scored.
    public init(_ tokens: [TokenID], firstScored: Int = 0) {
      self.init(tokens[...], firstScored: firstScored)
    }

    /// Its `index`th token.
    subscript(_ index: Int) -> TokenID { tokens[tokens.startIndex + index] }

    /// Tokens that have to be run: all but the last, after which nothing is wanted.
    var rows: Int { tokens.count - 1 }
  }

  /// What every text begins with, computed once; may be empty if no text is scored from its first token on.
  public var context: [TokenID]
  /// The texts, each after the context.
  public var texts: [Text]
  /// Alternatives to report with each token, 0 to 20; nil: none.
  public var topLogprobs: Int?
  /// Tokens that the tokenizer knows, to which alternatives are confined; nil: as many as the network has rows for.
  public var vocabularySize: Int?
  /// Whether kept caches may be used for the context, and whether its own is kept.
  public var cacheable: Bool

  /// A request of texts after `context`.
  public init(
    context: [TokenID], texts: [Text], topLogprobs: Int? = nil, vocabularySize: Int? = nil,
    cacheable: Bool = true
  ) {
    self.context = context
    self.texts = texts
    self.topLogprobs = topLogprobs
    self.vocabularySize = vocabularySize
    self.cacheable = cacheable
  }
}

/// How probable the network's own distribution makes a token that was given to it.
public struct TokenScore: Sendable, Equatable {
  /// The token.
  public var token: TokenID
  /// Natural logarithm of its probability.
  public var logprob: Float
  /// Whether it is the most probable token.
  public var isLikeliest: Bool
  /// The most probable tokens, best first, as many as the request asked for.
  public var top: [TokenLogprob]
}

/// The scores of one text of a request.
public struct TextScore: Sendable, Equatable {
  /// Index of the text in the request.
  public var index: Int
  /// Its scored tokens, in order.
  public var tokens: [TokenScore]
}
