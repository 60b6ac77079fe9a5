import Concurrency
public import Host
public import RPC
import Runtime
public import State
import WorkbenchAPI

/// The daemon's public API: every service of `workbench.v1`, health and reflection, over one host.
public struct DaemonAPI: Sendable {
  let host: ModelHost
  let state: StateFile
  let facts: DaemonFacts
  let ends: DaemonEnds
  /// Who may call what; a server of the routes must admit calls by it.
  public let access: AccessControl

  /// The API of `host`, with the conversations of `state`.
  public init(
    host: ModelHost, state: StateFile, facts: DaemonFacts, ends: DaemonEnds,
    access: AccessControl = AccessControl()
  ) {
    self.host = host
    self.state = state
    self.facts = facts
    self.ends = ends
    self.access = access
  }

  /// Every route of the API.
  public func routes() -> RouteTable {
    var routes = RouteTable()
    ModelsService(host: host, access: access).register(in: &routes)
    let turns = ConversationTurns()
    GenerationService(
      host: host, chat: ConversationChat(host: host, state: state, turns: turns, access: access)
    )
    .register(in: &routes)
    ConversationsService(state: state, turns: turns, access: access).register(in: &routes)
    TemplatesService(host: host).register(in: &routes)
    TokenizersService(host: host, access: access).register(in: &routes)
    SamplersService(host: host).register(in: &routes)
    ProfilesService(host: host).register(in: &routes)
    PluginsService(host: host).register(in: &routes)
    DaemonService(host: host, state: state, facts: facts, drainRequested: ends.drainRequested)
      .register(in: &routes)
    let services = Set(routes.services.keys)
    HealthService(host: host, services: services).register(in: &routes)
    let reflected = services.union([
      "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ])
    ReflectionService(services: reflected.sorted()).register(in: &routes)
    routes.surround { [access] context, handler in
      try await RequestClient.$current.withValue(access.client(context)) { try await handler() }
    }
    return routes
  }
}
