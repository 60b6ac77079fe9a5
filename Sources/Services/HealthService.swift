import Concurrency
import Host
import RPC
import WorkbenchAPI

/// The standard health service: SERVING for the server and each of its services until the daemon drains.
struct HealthService: Sendable {
  let host: ModelHost
  let services: Set<String>
  let drained: Signal

  func register(in routes: inout RouteTable) {
    routes.unary(HealthMethods.check) { request, _ in
      guard request.service.isEmpty || services.contains(request.service) else {
        throw RPCError(.notFound, "no service is called \"\(request.service)\"")
      }
      return await response(request.service)
    }
    routes.serverStreaming(HealthMethods.watch) { request, _, writer in
      try await writer.send(await response(request.service))
      await drained.wait()
      try Task.checkCancellation()
      try await writer.send(await response(request.service))
    }
  }

  private func response(_ service: String) async -> Grpc_Health_V1_HealthCheckResponse {
    var response = Grpc_Health_V1_HealthCheckResponse()
    if service.isEmpty || services.contains(service) {
      response.status = await host.draining ? .notServing : .serving
    } else {
      response.status = .serviceUnknown
    }
    return response
  }
}
