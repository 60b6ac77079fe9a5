public import Sampling
public import Tokens

/// A step of an answer: one start, any number of chunks, one finish.
public enum GenerationEvent: Sendable {
  /// What was understood, before the first token.
  case start(GenerationStart)
  /// New tokens and the text that is now certain.
  case chunk(GenerationChunk)
  /// Why it ended, and what it cost.
  case finish(GenerationFinish)
}

/// What was understood of a request.
public struct GenerationStart: Sendable, Equatable {
  /// The model's name.
  public var model: String
  /// The template's name; empty when none was used.
  public var template: String
  /// Which version of it; 0 when none was used.
  public var templateVersion: Int
  /// Tokens of the prompt.
  public var promptTokens: Int
  /// The seed in use, given or drawn.
  public var seed: UInt64

  /// The head of an answer.
  public init(model: String, template: String, templateVersion: Int, promptTokens: Int, seed: UInt64) {
    self.model = model
    self.template = template
    self.templateVersion = templateVersion
    self.promptTokens = promptTokens
    self.seed = seed
  }
}

/// New tokens and the text that is now certain.
public struct GenerationChunk: Sendable, Equatable {
  /// The tokens, in order.
  public var tokens: [GeneratedToken]
  /// Whole UTF-8, no part of a stop text; may lag the tokens.
  public var text: String

  /// Tokens and their text.
  public init(tokens: [GeneratedToken], text: String) {
    self.tokens = tokens
    self.text = text
  }
}

/// A token that the model produced.
public struct GeneratedToken: Sendable, Equatable {
  /// Another token that could have been.
  public struct Alternative: Sendable, Equatable {
    /// The token.
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

  /// The token.
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

/// How a token was picked.
public struct TokenTrace: Sendable, Equatable {
  /// What each stage of the chain did, in order.
  public var stages: [SamplingTrace.Stage]
  /// The likeliest tokens of the model's own distribution, best first.
  public var likeliest: [GeneratedToken.Alternative]

  /// The stages of a step.
  public init(stages: [SamplingTrace.Stage], likeliest: [GeneratedToken.Alternative]) {
    self.stages = stages
    self.likeliest = likeliest
  }
}

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
