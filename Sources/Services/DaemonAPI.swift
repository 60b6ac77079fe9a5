public import Concurrency
public import Host
public import RPC
import Runtime
import WorkbenchAPI

/// The daemon's public API: every service of `workbench.v1`, health and reflection, over one host.
public struct DaemonAPI: Sendable {
  let host: ModelHost
  let facts: DaemonFacts
  /// Raised when a client asks the daemon to end.
  public let drainRequested = Signal()
  /// To be raised when the daemon has begun to drain; ends health watches.
  public let drained = Signal()

  /// The API of `host`.
  public init(host: ModelHost, facts: DaemonFacts) {
    self.host = host
    self.facts = facts
  }

  /// Every route of the API.
  public func routes() -> RouteTable {
    var routes = RouteTable()
    ModelsService(host: host).register(in: &routes)
    GenerationService(host: host).register(in: &routes)
    TemplatesService(host: host).register(in: &routes)
    TokenizersService(host: host).register(in: &routes)
    SamplersService(host: host).register(in: &routes)
    PluginsService(host: host).register(in: &routes)
    DaemonService(host: host, facts: facts, drainRequested: drainRequested).register(in: &routes)
    let services = Set(routes.services.keys)
    HealthService(host: host, services: services, drained: drained).register(in: &routes)
    let reflected = services.union([
      "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ])
    ReflectionService(services: reflected.sorted()).register(in: &routes)
    return routes
  }
}
