import Host
import RPC
import Sampling
import WorkbenchAPI
import WorkerProtocol

/// `workbench.v1.Samplers`.
struct SamplersService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(SamplersMethods.list) { request, _ in
      var pages = try ReplyPages(from: request.pageToken)
      var response = ProtoListSamplersResponse()
      response.samplers = try pages.take(await host.samplers().map { ProtoSampler($0) })
      response.defaultChain = ChainProfile.llamaCpp.order
      response.presets = try pages.take(await host.samplerPresets.map { try ProtoSamplerPreset($0) })
      response.nextPageToken = pages.nextToken
      return response
    }
  }
}
