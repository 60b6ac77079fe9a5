import Runtime
public import Sampling
import Tokens
public import WorkbenchAPI

extension SamplerSettings {
  /// The settings of a request.
  ///
  /// - Throws: `WorkbenchError` naming the field for a name that is unknown or a token id out of range.
  public init(_ message: ProtoSamplerSettings) throws {
    self.init()
    if message.hasTemperature { temperature = Double(message.temperature.decimal) }
    if message.hasTopK { topK = Int(message.topK) }
    if message.hasTopP { topP = message.topP.decimal }
    if message.hasMinP { minP = message.minP.decimal }
    if message.hasRepetitionPenalty { repetitionPenalty = message.repetitionPenalty.decimal }
    if message.hasPresencePenalty { presencePenalty = message.presencePenalty.decimal }
    if message.hasFrequencyPenalty { frequencyPenalty = message.frequencyPenalty.decimal }
    if message.hasPenaltyLastN { penaltyLastN = Int(message.penaltyLastN) }
    if message.hasSeed { seed = message.seed }
    if message.hasProfile { profile = message.profile }
    if !message.order.isEmpty { order = message.order }
    if message.hasDrySequenceBreakers { sequenceBreakers = message.drySequenceBreakers.texts }
    if !message.logitBias.isEmpty {
      logitBias = try message.logitBias.sorted { $0.key < $1.key }.map {
        TokenBias(token: try TokenID(checked: $0.key, field: "options.sampling.logit_bias"), bias: $0.value)
      }
    }
    do {
      for (name, value) in message.other { try set(name, to: ParameterValue(value)) }
    } catch {
      throw WorkbenchError(.invalidArgument, "\(error)", field: error.field.map { "options.sampling.\($0)" })
    }
    if !message.chain.isEmpty {
      chain = message.chain.map { stage in
        ChainSpecification.Stage(stage.name, stage.parameters.mapValues { ParameterValue($0) })
      }
    }
  }
}

extension ParameterValue {
  /// A number of a message: whole ones as integers, which serve as either.
  fileprivate init(_ value: Double) {
    self = Int(exactly: value).map { .integer($0) } ?? .number(value)
  }

  /// The value as a number of a message; nil for what is not one.
  fileprivate var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    case .biases, .sequences: nil
    }
  }
}

extension Float {
  /// The shortest decimal that is this float, as a double: 0.95 and not 0.949999988.
  fileprivate var decimal: Double { Double(description) ?? Double(self) }
}

extension ProtoSamplerSettings {
  /// The settings of a preset, on their way to a worker.
  public init(_ settings: SamplerSettings) {
    self.init()
    for (name, value) in settings.values {
      // Sent by name, which the other end can read back; the fields are for people.
      if let number = value.number { other[name.rawValue] = number }
    }
    for bias in settings.logitBias ?? [] { logitBias[UInt32(bitPattern: bias.token.rawValue)] = bias.bias }
    if let value = settings.seed { seed = value }
    if let value = settings.profile { profile = value }
    order = settings.order ?? []
    if let texts = settings.sequenceBreakers { drySequenceBreakers.texts = texts }
    chain = (settings.chain ?? []).map { stage in
      var message = ProtoSamplerStage()
      message.name = stage.name
      message.parameters = stage.parameters.compactMapValues(\.number)
      return message
    }
  }
}
