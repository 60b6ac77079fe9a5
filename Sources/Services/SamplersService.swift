import Host
import RPC
import Sampling
import WorkbenchAPI
import WorkerProtocol

/// `workbench.v1.Samplers`.
struct SamplersService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(SamplersMethods.list) { _, _ in
      var response = ProtoListSamplersResponse()
      response.samplers = try await host.samplers().map { ProtoSampler($0) }
      response.defaultChain = ChainProfile.llamaCpp.order
      response.presets = try await host.samplerPresets.map { try ProtoSamplerPreset($0) }
      return response
    }
  }
}
