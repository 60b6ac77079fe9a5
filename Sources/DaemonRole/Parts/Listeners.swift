import Access
import Concurrency
import Host
import Logging
import RPC
import Runtime
import Services
import Synchronization

/// The API at the daemon's addresses.
final class Listeners: DaemonPart {
  /// What serves once the part has started.
  private struct Open {
    var owner: Server
    var network: NetworkDoor?
    var addresses: [String]
  }

  private let configuration: DaemonConfiguration
  private let host: ModelHost
  private let log: Logger
  private let version: String
  private let instructionSet: String
  private let linesLost: @Sendable () -> Int
  private let sandbox: SandboxFacts
  private let state: StateKeeper
  private let open = Mutex<Open?>(nil)
  private let ends: DaemonEnds

  init(
    _ configuration: DaemonConfiguration, host: ModelHost, ends: DaemonEnds, version: String,
    instructionSet: String, linesLost: @escaping @Sendable () -> Int, sandbox: SandboxFacts,
    state: StateKeeper, log: Logger
  ) {
    self.configuration = configuration
    self.host = host
    self.ends = ends
    self.version = version
    self.instructionSet = instructionSet
    self.linesLost = linesLost
    self.sandbox = sandbox
    self.state = state
    self.log = log
  }

  /// - Throws: `WorkbenchError` or `RPCError` when it cannot listen.
  func start() async throws {
    try ListenRule.requireUsed(configuration)
    var facts = DaemonFacts(
      version: version, instructionSet: instructionSet,
      addresses: { [weak self] in self?.open.withLock { $0?.addresses } ?? [] },
      limits: { [weak self] in await self?.open.withLock { $0?.network }?.limits() ?? [] })
    facts.linesLost = linesLost
    facts.sandbox = sandbox.means
    facts.unreadableState = state.unreadable
    let api = DaemonAPI(
      host: host, state: try state.opened(), facts: facts, ends: ends, access: try access())
    let routes = api.routes()
    let socket = try SocketPlace.prepare(configuration.socket)
    var shared = ServerConfiguration()
    shared.admit = api.access.admit
    var forOwner = shared
    forOwner.unixSocket = socket
    let owner = try Server(configuration: forOwner, routes: routes)
    _ = try await owner.start()
    open.withLock { $0 = Open(owner: owner, addresses: ["unix:\(socket)"]) }
    if !configuration.listen.isEmpty {
      let network = try await NetworkDoor(
        configuration, shared, routes: routes, log: log)
      open.withLock { open in
        open?.network = network
        open?.addresses += network.addresses
      }
    }
    let addresses = open.withLock { $0?.addresses } ?? []
    log.info("listening", metadata: ["addresses": "\(addresses.joined(separator: ", "))"])
  }

  /// Refuses new requests, lets running ones finish within the configured time, then closes all connections.
  func stop() async {
    guard let open = open.withLock({ $0 }) else { return }
    log.info("draining", metadata: ["seconds": .stringConvertible(configuration.drainSeconds)])
    await host.drain()
    let drain = Duration.seconds(configuration.drainSeconds)
    async let network: Void? = open.network?.shutdown(drain: drain)
    await open.owner.shutdown(drain: drain)
    await network
  }

  /// Who may call what, with the tokens as they are in the file now.
  private func access() throws -> AccessControl {
    var tokens: TokenStore?
    if let path = configuration.tokens {
      do throws(AccessError) {
        tokens = try TokenStore(path: path) { [log] problem in
          guard let problem else { return log.info("tokens read again", metadata: ["path": "\(path)"]) }
          log.error(
            "tokens not read again; those read before stay valid", metadata: ["why": "\(problem.message)"])
        }
      } catch {
        throw WorkbenchError(.failedPrecondition, "--tokens: \(error.message)")
      }
    }
    let folders = ModelFolders(configuration.modelFolders)
    do throws(AccessError) {
      try folders.check()
    } catch {
      throw WorkbenchError(.failedPrecondition, "--model-folder: \(error.message)")
    }
    if tokens == nil, !configuration.listen.isEmpty {
      log.warning("every user of this machine can connect over TCP, with the role 'use'; see --tokens")
    }
    return AccessControl(tokens: tokens, folders: folders)
  }
}
