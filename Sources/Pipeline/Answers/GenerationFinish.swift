public import Sampling

/// Why an answer ended, and what it cost.
public struct GenerationFinish: Sendable, Equatable {
  /// Why an answer ended.
  public enum Reason: String, Sendable {
    /// The model ended its turn.
    case end
    /// A stop text appeared.
    case stop
    /// The limit of the request.
    case maxTokens
    /// No position left.
    case contextFull
  }

  /// A setting that had a part in the answer.
  public struct Setting: Sendable, Equatable {
    /// Its name, as in a request.
    public var name: String
    /// Its value, as text.
    public var value: String
    /// Who set it.
    public var source: SettingSource
    /// The preset's name, where the source is a preset; empty otherwise.
    public var sourceName: String

    /// A setting with its source.
    public init(name: String, value: String, source: SettingSource, sourceName: String = "") {
      self.name = name
      self.value = value
      self.source = source
      self.sourceName = sourceName
    }
  }

  /// Why.
  public var reason: Reason
  /// The stop text or the end token's piece that fired; empty for the limits.
  public var rule: String
  /// Tokens of the prompt.
  public var promptTokens: Int
  /// Of them, found in the cache.
  public var cachedTokens: Int
  /// Tokens generated.
  public var generatedTokens: Int
  /// Time waited for a place.
  public var queue: Duration
  /// Time from there to the first token.
  public var prefill: Duration
  /// Time from there to the last.
  public var decode: Duration
  /// Every effective setting.
  public var settings: [Setting]
  /// How the token that ended the turn was picked, when asked for.
  public var trace: TokenTrace?

  /// The tail of an answer.
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
