public import Sampling

/// Why an answer ended, and what it cost.
public struct GenerationFinish: Sendable, Equatable {
  /// What ends an answer.
  public enum Reason: String, Sendable {
    /// The model ended its turn.
    case end
    /// A stop string appeared.
    case stop
    /// The request's `max_tokens` was reached.
    case maxTokens
    /// The context or the KV cache is full.
    case contextFull
  }

  /// A setting that was in effect.
  public struct Setting: Sendable, Equatable {
    /// Its name, as in a request.
    public var name: String
    /// Its value, as text.
    public var value: String
    /// Where the value came from.
    public var source: SettingSource
    /// The preset's or the profile's name, where one is the source; empty otherwise.
    public var sourceName: String

    /// A setting with its source.
    public init(name: String, value: String, source: SettingSource, sourceName: String = "") {
      self.name = name
      self.value = value
      self.source = source
      self.sourceName = sourceName
    }
  }

  /// Why the answer ended.
  public var reason: Reason
  /// The stop string or the end token's piece; "context" or "KV cache" for a full one; empty for `maxTokens`.
  public var rule: String
  /// Number of tokens in the prompt.
  public var promptTokens: Int
  /// Prompt tokens that were found in the cache.
  public var cachedTokens: Int
  /// Number of tokens generated.
  public var generatedTokens: Int
  /// Time spent waiting to run.
  public var queue: Duration
  /// Time from there to the first token.
  public var prefill: Duration
  /// Time from there to the last.
  public var decode: Duration
  /// Every effective setting.
  public var settings: [Setting]
  /// How the token that ended the turn was picked, when asked for.
  public var trace: TokenTrace?

  /// The end of an answer.
  public init(
    reason: Reason, rule: String, promptTokens: Int, cachedTokens: Int, generatedTokens: Int, queue: Duration,
    prefill: Duration, decode: Duration, settings: [Setting], trace: TokenTrace? = nil
  ) {
    self.reason = reason
    self.rule = rule
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
    self.generatedTokens = generatedTokens
    self.queue = queue
    self.prefill = prefill
    self.decode = decode
    self.settings = settings
    self.trace = trace
  }
}
