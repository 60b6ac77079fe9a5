/// A part of the scores of a request: one start, any number of texts, one finish.
public enum ScoreEvent: Sendable {
  /// How the request was understood.
  case start(ScoreStart)
  /// A continuation, or a window of a document.
  case text(ContinuationScore)
  /// Sums, and what it cost.
  case finish(ScoreFinish)
}

/// The events of a scoring; a consumer that does not read pauses it.
public typealias ScoreEvents = any AsyncSequence<ScoreEvent, any Error> & Sendable

/// How a scoring request was understood.
public struct ScoreStart: Sendable, Equatable {
  /// The model's name.
  public var model: String
  /// The template of a context of messages; empty when none was used.
  public var template = ""
  /// The template's version; 0 when none was used.
  public var templateVersion = 0
  /// Tokens of the context; 0 for a document.
  public var contextTokens: Int
  /// Continuations, or windows.
  public var texts: Int
  /// Tokens to score in all.
  public var tokens: Int
}

/// The score of a continuation, or of a window of a document.
public struct ContinuationScore: Sendable, Equatable {
  /// Which one, counted from 0.
  public var index: Int
  /// Its tokens.
  public var tokens: Int
  /// The sum of their log-probabilities.
  public var logprob: Double
  /// Whether each of them is the most probable token in its place.
  public var isGreedy: Bool
  /// Its tokens one by one, if the request asked for them.
  public var scored: [ScoredToken]
  /// Whether more of the tokens follow in another event, which has the sums.
  public var isPartial = false
}

/// The sums of a scoring, and what it cost.
public struct ScoreFinish: Sendable, Equatable {
  /// Tokens that were scored.
  public var tokens: Int
  /// The sum of their log-probabilities.
  public var logprob: Double
  /// Tokens of the context that were found in the cache.
  public var cachedTokens: Int
  /// Time spent waiting to run.
  public var queue: Duration
  /// Time from there to the end.
  public var run: Duration
}
