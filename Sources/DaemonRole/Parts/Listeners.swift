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
  private let configuration: DaemonConfiguration
  private let host: ModelHost
  private let log: Logger
  private let version: String
  private let instructionSet: String
  private let server = Mutex<Server?>(nil)
  private let addresses = Mutex<[String]>([])
  private let ends: DaemonEnds

  init(
    _ configuration: DaemonConfiguration, host: ModelHost, ends: DaemonEnds, version: String,
    instructionSet: String, log: Logger
  ) {
    self.configuration = configuration
    self.host = host
    self.ends = ends
    self.version = version
    self.instructionSet = instructionSet
    self.log = log
  }

  /// - Throws: `WorkbenchError` or `RPCError` when it cannot listen.
  func start() async throws {
    let facts = DaemonFacts(
      version: version, instructionSet: instructionSet,
      addresses: { [weak self] in self?.addresses.withLock { $0 } ?? [] })
    let api = DaemonAPI(host: host, facts: facts, ends: ends, access: try access())
    var serverConfiguration = try serverConfiguration()
    serverConfiguration.admit = api.access.admit
    let server = try Server(configuration: serverConfiguration, routes: api.routes())
    let bound = try await server.start().descriptions
    self.server.withLock { $0 = server }
    addresses.withLock { $0 = bound }
    log.info("listening", metadata: ["addresses": "\(bound.joined(separator: ", "))"])
  }

  /// Refuses new requests, lets running ones finish within the configured time, then closes all connections.
  func stop() async {
    guard let server = server.withLock({ $0 }) else { return }
    log.info("draining", metadata: ["seconds": "\(configuration.drainSeconds)"])
    await host.drain()
    await server.shutdown(drain: .seconds(configuration.drainSeconds))
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

  private func serverConfiguration() throws -> ServerConfiguration {
    var result = ServerConfiguration()
    result.unixSocket = try SocketPlace.prepare(configuration.socket)
    result.tcp = try configuration.listen.map { text in
      guard case .tcp(let host, let port)? = try? Target(parsing: text, ports: 0...65535) else {
        throw WorkbenchError(
          .invalidArgument, "--listen '\(text)' is not HOST:PORT; give an address such as 127.0.0.1:50051")
      }
      try ListenRule(configuration).check(host, text)
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
