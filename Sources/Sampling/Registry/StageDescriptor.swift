/// What a stage is and takes: the source of `Samplers.List`, of validation and of documentation.
public struct StageDescriptor: Sendable, Equatable {
  /// The name in chains; llama.cpp's where it has the stage.
  public var name: String
  /// One sentence.
  public var summary: String
  /// In the order in which they are documented.
  public var parameters: [ParameterDescriptor]
  /// Whether the stage picks the token, so that it must be the last one.
  public var selectsToken: Bool
  /// Where it comes from: "built-in", or a plugin's name.
  public var origin: String

  /// Describes a stage.
  public init(
    name: String, summary: String, parameters: [ParameterDescriptor], selectsToken: Bool = false,
    origin: String = "built-in"
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.selectsToken = selectsToken
    self.origin = origin
  }
}

/// One parameter of a stage.
public struct ParameterDescriptor: Sendable, Equatable {
  /// The name; for built-ins also the name of the setting (`SettingName`).
  public var name: String
  /// Type and range.
  public var kind: ParameterKind
  /// The value when nobody gives one; llama.cpp's where it has the parameter.
  public var defaultValue: ParameterValue
  /// The value at which the stage does nothing, if this parameter has such a value.
  public var neutralValue: ParameterValue?
  /// One sentence.
  public var meaning: String

  /// Describes a parameter.
  public init(
    name: String, kind: ParameterKind, default defaultValue: ParameterValue, neutral: ParameterValue? = nil,
    meaning: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.neutralValue = neutral
    self.meaning = meaning
  }
}

/// The checked parameters that a stage is made from: every one of its descriptor, of the right kind, in range.
public struct StageParameters: Sendable {
  let values: [String: ParameterValue]

  /// A number; programmer error for a name that the descriptor does not have as one.
  public func number(_ name: String) -> Double {
    guard case .number(let value) = values[name] else { preconditionFailure("no number named \(name)") }
    return value
  }

  /// A whole number; programmer error for a name that the descriptor does not have as one.
  public func integer(_ name: String) -> Int {
    guard case .integer(let value) = values[name] else { preconditionFailure("no integer named \(name)") }
    return value
  }

  /// Token biases; programmer error for a name that the descriptor does not have as such.
  public func biases(_ name: String) -> [TokenBias] {
    guard case .biases(let value) = values[name] else { preconditionFailure("no biases named \(name)") }
    return value
  }

  /// The value of a name, whatever its kind.
  public subscript(name: String) -> ParameterValue? { values[name] }

  func float(_ name: String) -> Float { Float(number(name)) }
}

/// What a stage may know of where it is used.
public struct StageContext: Sendable {
  /// The seed of the request.
  public var seed: UInt64
  /// The random stream of this stage: its position in the chain, from 1 (0 is the final pick's).
  public var stream: UInt64
  /// Logits in a row.
  public var vocabularySize: Int

  /// The stage's random numbers.
  public var random: RandomSource { RandomSource(seed: seed, stream: stream) }
}
