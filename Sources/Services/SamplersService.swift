import Host
import RPC
import Sampling
import WorkbenchAPI

/// `workbench.v1.Samplers`.
struct SamplersService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(SamplersMethods.list) { _, _ in
      var response = ProtoListSamplersResponse()
      response.samplers = SamplerRegistry.builtIn.descriptors.map { ProtoSampler($0) }
      response.defaultChain = ChainProfile.llamaCpp.order
      response.presets = try await host.samplerPresets.map { try ProtoSamplerPreset($0) }
      return response
    }
  }
}

extension ProtoSampler {
  fileprivate init(_ descriptor: StageDescriptor) {
    self.init()
    name = descriptor.name
    summary = descriptor.summary
    parameters = descriptor.parameters.map { ProtoSamplerParameter($0) }
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
