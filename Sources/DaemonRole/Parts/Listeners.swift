import Concurrency
import Host
import Logging
import RPC
import Runtime
import Services
import Synchronization

/// The API at the daemon's addresses.
final class Listeners: DaemonPart {
  private let configuration: DaemonConfiguration
  private let host: ModelHost
  private let log: Logger
  private let version: String
  private let instructionSet: String
  private let linesLost: @Sendable () -> Int
  private let sandbox: SandboxFacts
  private let server = Mutex<Server?>(nil)
  private let addresses = Mutex<[String]>([])
  private let ends: DaemonEnds

  init(
    _ configuration: DaemonConfiguration, host: ModelHost, ends: DaemonEnds, version: String,
    instructionSet: String, linesLost: @escaping @Sendable () -> Int, sandbox: SandboxFacts, log: Logger
  ) {
    self.configuration = configuration
    self.host = host
    self.ends = ends
    self.version = version
    self.instructionSet = instructionSet
    self.linesLost = linesLost
    self.sandbox = sandbox
    self.log = log
  }

  /// - Throws: `WorkbenchError` or `RPCError` when it cannot listen.
  func start() async throws {
    var facts = DaemonFacts(
      version: version, instructionSet: instructionSet,
      addresses: { [weak self] in self?.addresses.withLock { $0 } ?? [] })
    facts.linesLost = linesLost
    facts.sandbox = sandbox.means
    let api = DaemonAPI(host: host, facts: facts, ends: ends)
    let server = try Server(configuration: try serverConfiguration(), routes: api.routes())
    let bound = try await server.start().descriptions
    self.server.withLock { $0 = server }
    addresses.withLock { $0 = bound }
    log.info("listening", metadata: ["addresses": "\(bound.joined(separator: ", "))"])
  }

  /// Refuses new requests, lets running ones finish within the configured time, then closes all connections.
  func stop() async {
    guard let server = server.withLock({ $0 }) else { return }
    log.info("draining", metadata: ["seconds": .stringConvertible(configuration.drainSeconds)])
    await host.drain()
    ends.drained.raise()
    await server.shutdown(drain: .seconds(configuration.drainSeconds))
  }

  private func serverConfiguration() throws -> ServerConfiguration {
    var result = ServerConfiguration()
    result.unixSocket = try SocketPlace.prepare(configuration.socket)
    result.tcp = try configuration.listen.map { text in
      guard case .tcp(let host, let port)? = try? Target(parsing: text) else {
        throw WorkbenchError(
          .invalidArgument, "--listen '\(text)' is not HOST:PORT; give an address such as 127.0.0.1:50051")
      }
      return (host: host, port: port)
    }
    return result
  }
}

extension BoundAddresses {
  /// The addresses as a client can give them.
  fileprivate var descriptions: [String] {
    (unixSocket.map { ["unix:\($0)"] } ?? []) + tcp.map { "\($0.host):\($0.port)" }
  }
}
