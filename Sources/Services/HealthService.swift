import Host
import RPC
import WorkbenchAPI

/// The standard health service.
///
/// The server as a whole and each of its services are SERVING from the end of the configuration's loads until the
/// daemon drains. `workbench.model/NAME` is SERVING while the model can answer: not while it loads, nor while it is
/// down. The whole does not follow single models, since a model that is down comes back with the next request, which a
/// balancer would then not send.
struct HealthService: Sendable {
  private static let modelPrefix = "workbench.model/"
  let host: ModelHost
  let services: Set<String>

  func register(in routes: inout RouteTable) {
    routes.unary(HealthMethods.check) { request, _ in
      let response = await response(request.service)
      guard response.status != .serviceUnknown else {
        let model = model(of: request.service)
        throw RPCError(
          .notFound,
          model.map { "no model is named '\($0)'" } ?? "no service is named '\(request.service)'")
      }
      return response
    }
    routes.serverStreaming(HealthMethods.watch) { request, _, writer in
      // Watched before it is asked for the first time, so that no change falls in between.
      let changes = host.changes.stream()
      var last = await response(request.service)
      try await writer.send(last)
      // Nothing changes any more once the daemon drains.
      if await host.draining { return }
      for await _ in changes {
        let now = await response(request.service)
        if now != last { try await writer.send(now) }
        last = now
        if await host.draining { return }
      }
      try Task.checkCancellation()
    }
  }

  private func response(_ service: String) async -> Grpc_Health_V1_HealthCheckResponse {
    var response = Grpc_Health_V1_HealthCheckResponse()
    if let model = model(of: service) {
      switch await host.isReady(model: model) {
      case true?: response.status = .serving
      case false?: response.status = .notServing
      case nil: response.status = .serviceUnknown
      }
    } else if service.isEmpty || services.contains(service) {
      response.status = await host.isReady ? .serving : .notServing
    } else {
      response.status = .serviceUnknown
    }
    return response
  }

  private func model(of service: String) -> String? {
    service.hasPrefix(Self.modelPrefix) ? String(service.dropFirst(Self.modelPrefix.count)) : nil
  }
}
