/// What one layer (request, model, template, …) says about sampling; everything may be left out.
///
/// 0 is a value, not "unset". Values are checked when a chain is made of them.
public struct SamplerSettings: Sendable, Equatable {
  /// The values given, by name.
  public var values: [SettingName: ParameterValue] = [:]
  /// Which profile gives order and defaults: "llama.cpp", "transformers" or "vllm".
  public var profile: String?
  /// The stages in order, instead of the profile's; may name stages of plugins.
  public var order: [String]?
  /// The whole chain as data; numbers of the same layer must then be left out, and weaker layers are not asked.
  public var chain: [ChainSpecification.Stage]?
  /// Parameters of stages that are not built in, by stage.
  public var stageParameters: [String: [String: ParameterValue]] = [:]
  /// Texts that no repetition of `dry` reaches across; who has a vocabulary turns them into `drySequenceBreakers`.
  public var sequenceBreakers: [String]?
  /// Where the random numbers start; drawn when nobody says.
  public var seed: UInt64?

  /// Nothing said.
  public init() {}

  /// Sets a value by its name.
  ///
  /// - Throws: `unknownSetting`, `outOfRange` or `wrongType`.
  public mutating func set(_ name: String, to value: ParameterValue) throws(SamplingError) {
    let known = try SettingName(named: name)
    values[known] = try known.kind.checked(value, field: name, vocabularySize: nil)
  }

  private func number(_ name: SettingName) -> Double? {
    switch values[name] {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
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

// The common ones under their own names; all others through `values`.
extension SamplerSettings {
  /// Divides logits; 0 is greedy.
  public var temperature: Double? {
    get { number(.temperature) }
    set { store(.temperature, newValue) }
  }
  /// Candidates to keep; 0 is off.
  public var topK: Int? {
    get { integer(.topK) }
    set { store(.topK, newValue) }
  }
  /// Probability to keep; 1 is off.
  public var topP: Double? {
    get { number(.topP) }
    set { store(.topP, newValue) }
  }
  /// Least share of the best candidate's probability; 0 is off.
  public var minP: Double? {
    get { number(.minP) }
    set { store(.minP, newValue) }
  }
  /// Probability to keep by locally typical sampling; 1 is off.
  public var typicalP: Double? {
    get { number(.typicalP) }
    set { store(.typicalP, newValue) }
  }
  /// How far the penalties look back; 0 is off, -1 everything.
  public var penaltyLastN: Int? {
    get { integer(.penaltyLastN) }
    set { store(.penaltyLastN, newValue) }
  }
  /// Factor against used tokens; 1 is off.
  public var repetitionPenalty: Double? {
    get { number(.repetitionPenalty) }
    set { store(.repetitionPenalty, newValue) }
  }
  /// Subtracted once from used tokens; 0 is off.
  public var presencePenalty: Double? {
    get { number(.presencePenalty) }
    set { store(.presencePenalty, newValue) }
  }
  /// Subtracted for each use; 0 is off.
  public var frequencyPenalty: Double? {
    get { number(.frequencyPenalty) }
    set { store(.frequencyPenalty, newValue) }
  }
  /// Added to the logits of tokens.
  public var logitBias: [TokenBias]? {
    get { if case .biases(let value) = values[.logitBias] { value } else { nil } }
    set { values[.logitBias] = newValue.map { .biases($0) } }
  }
}
