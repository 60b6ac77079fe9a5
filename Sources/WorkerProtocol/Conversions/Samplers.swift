public import Sampling
public import WorkbenchAPI

extension ProtoSampler {
  /// A stage as a client sees it, with the schema of its parameters.
  public init(_ descriptor: StageDescriptor) {
    self.init()
    name = descriptor.name
    summary = descriptor.summary
    parameters = descriptor.parameters.map { ProtoSamplerParameter($0) }
    origin = descriptor.origin
  }
}

extension StageDescriptor {
  /// The stage of a plugin that a worker described.
  public init(_ sampler: ProtoSampler) {
    self.init(
      name: sampler.name, summary: sampler.summary,
      parameters: sampler.parameters.map { ParameterDescriptor($0) }, origin: sampler.origin)
  }
}

extension ParameterDescriptor {
  /// A parameter of a plugin: a number or an integer.
  fileprivate init(_ parameter: ProtoSamplerParameter) {
    let isWhole = parameter.type == "int"
    let least = Int(exactly: parameter.minimum) ?? .min
    let most = Int(exactly: parameter.maximum) ?? .max
    self.init(
      name: parameter.name,
      kind: isWhole
        ? .integer(min(least, most)...max(least, most))
        : .number(min(parameter.minimum, parameter.maximum)...max(parameter.minimum, parameter.maximum)),
      default: isWhole
        ? .integer(Int(exactly: parameter.defaultValue) ?? 0) : .number(parameter.defaultValue),
      meaning: parameter.summary)
  }
}

extension ProtoSamplerParameter {
  fileprivate init(_ parameter: ParameterDescriptor) {
    self.init()
    name = parameter.name
    summary = parameter.meaning
    switch parameter.kind {
    case .number(let range):
      type = "float"
      minimum = range.lowerBound
      maximum = range.upperBound
    case .integer(let range):
      type = "int"
      minimum = Double(range.lowerBound)
      maximum = Double(range.upperBound)
    case .biases: type = "biases"
    case .sequences: type = "sequences"
    }
    switch parameter.defaultValue {
    case .number(let value): defaultValue = value
    case .integer(let value): defaultValue = Double(value)
    case .biases, .sequences: break
    }
  }
}
