/// What one layer (request, preset, template, model) says about sampling; everything may be left out.
///
/// 0 is a value, not "unset". Values are checked when a chain is made from them.
public struct SamplerSettings: Sendable, Equatable {
  /// The values given, by name.
  public var values: [SettingName: ParameterValue] = [:]
  /// Which profile gives order and defaults: "llama.cpp", "transformers" or "vllm".
  public var profile: String?
  /// The stages in order, instead of the profile's; may name stages of plugins.
  public var order: [String]?
  /// The whole chain as data; the same layer must then give no values, and weaker layers are ignored.
  public var chain: [ChainSpecification.Stage]?
  /// Parameters of stages that are not built in, by stage.
  public var stageParameters: [String: [String: ParameterValue]] = [:]
  /// Texts at which a repetition ends for `dry`; code that has a vocabulary turns them into `drySequenceBreakers`.
  public var sequenceBreakers: [String]?
  /// Where the random numbers start; drawn at random if no layer gives it.
  public var seed: UInt64?

  /// Settings that give nothing.
  public init() {}

  /// Sets a value by its name.
  ///
  /// - Throws: `unknownSetting`, `outOfRange` or `wrongType`.
  public mutating func set(_ name: String, to value: ParameterValue) throws(SamplingError) {
    let known = try SettingName(named: name)
    values[known] = try known.kind.checked(value, field: name, vocabularySize: nil)
  }

  private func number(_ name: SettingName) -> Double? {
    values[name]?.number
  }

  private func integer(_ name: SettingName) -> Int? {
    if case .integer(let value) = values[name] { value } else { nil }
  }

  private mutating func store(_ name: SettingName, _ value: Double?) {
    values[name] = value.map { .number($0) }
  }
  private mutating func store(_ name: SettingName, _ value: Int?) {
    values[name] = value.map { .integer($0) }
  }
}

// Those that requests have fields for; all others are set by name.
extension SamplerSettings {
  /// What logits are divided by; 0 is greedy.
  public var temperature: Double? {
    get { number(.temperature) }
    set { store(.temperature, newValue) }
  }
  /// How many candidates to keep; 0 is off.
  public var topK: Int? {
    get { integer(.topK) }
    set { store(.topK, newValue) }
  }
  /// Total probability to keep; 1 is off.
  public var topP: Double? {
    get { number(.topP) }
    set { store(.topP, newValue) }
  }
  /// Least probability, as a share of the best candidate's; 0 is off.
  public var minP: Double? {
    get { number(.minP) }
    set { store(.minP, newValue) }
  }
  /// Total probability to keep by locally typical sampling; 1 is off.
  public var typicalP: Double? {
    get { number(.typicalP) }
    set { store(.typicalP, newValue) }
  }
  /// How many tokens the penalties look back; 0 is off, -1 is the whole sequence.
  public var penaltyLastN: Int? {
    get { integer(.penaltyLastN) }
    set { store(.penaltyLastN, newValue) }
  }
  /// Divides positive logits of used tokens and multiplies negative ones; 1 is off.
  public var repetitionPenalty: Double? {
    get { number(.repetitionPenalty) }
    set { store(.repetitionPenalty, newValue) }
  }
  /// Subtracted once from the logit of every used token; 0 is off.
  public var presencePenalty: Double? {
    get { number(.presencePenalty) }
    set { store(.presencePenalty, newValue) }
  }
  /// Subtracted from the logit of a used token once for each use; 0 is off.
  public var frequencyPenalty: Double? {
    get { number(.frequencyPenalty) }
    set { store(.frequencyPenalty, newValue) }
  }
  /// What to add to the logits of some tokens.
  public var logitBias: [TokenBias]? {
    get { if case .biases(let value) = values[.logitBias] { value } else { nil } }
    set { values[.logitBias] = newValue.map { .biases($0) } }
  }
}
