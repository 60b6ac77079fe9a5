import FrameGuard
import Host
import Logging
import RPC
import Runtime
import WorkbenchAPI

/// The API at the daemon's TCP addresses: a server apart from the unix socket's, behind a guard.
///
/// Its connections, calls and memory are its own, so that no TCP client takes them from the daemon's owner.
struct NetworkDoor: Sendable {
  private let listener: GuardedListener
  private let server: Server
  /// The addresses as a client can give them.
  let addresses: [String]

  /// Listens at the addresses of the daemon's configuration.
  ///
  /// - Parameter shared: What the server shares with that of the unix socket.
  /// - Throws: `WorkbenchError` or `RPCError` when it may not or cannot listen.
  init(
    _ daemon: DaemonConfiguration, _ shared: ServerConfiguration, routes: RouteTable, log: Logger
  ) async throws {
    let rule = ListenRule(daemon)
    let parsed = try daemon.listen.map { text in
      let address = try Self.parse(text)
      try rule.check(address.host, text)
      return address
    }
    let limits = GuardLimits()
    var configuration = shared
    configuration.unixSocket = nil
    configuration.maxConnections = limits.connections
    configuration.maxCalls = DaemonLimits.networkCalls
    configuration.memoryBytes = DaemonLimits.networkMemoryBytes
    configuration.streamsPerConnection = limits.streams
    // The guard does this.
    configuration.connectionIdle = nil
    let server = try Server(configuration: configuration, routes: routes)
    let files: TLSFiles?
    do {
      files = try daemon.tls.map {
        try TLSFiles(certificate: $0.certificate, key: $0.key, clientCA: $0.clientCA)
      }
    } catch let error as TLSFiles.Unusable {
      throw WorkbenchError(.invalidArgument, "TLS: \(error)")
    }
    let listener = GuardedListener(
      limits: limits, tls: files, log: { log.warning("tcp", metadata: ["line": "\($0)"]) }
    ) { descriptor, address in
      try server.adopt(descriptor: descriptor, peer: .tcp(address))
    }
    _ = try await server.start()
    do {
      self.addresses = try await listener.start(at: parsed).map {
        $0.host.contains(":") ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)"
      }
    } catch {
      await server.shutdown(drain: .zero)
      guard let error = error as? ListenError else { throw error }
      throw WorkbenchError(.failedPrecondition, "--listen: \(error)")
    }
    self.server = server
    self.listener = listener
  }

  /// Lets nobody in any more, lets calls finish within a time, then closes all connections.
  func shutdown(drain: Duration) async {
    await listener.stopAccepting()
    await server.shutdown(drain: drain)
    await listener.stop()
  }

  /// How the limits stand.
  func limits() async -> [ProtoLimitCounter] {
    await listener.readings().map { reading in
      var counter = ProtoLimitCounter()
      counter.name = reading.limit.rawValue
      counter.meaning = reading.limit.meaning
      counter.limit = reading.value
      counter.count = reading.current
      counter.hits = reading.hits
      return counter
    }
  }

  private static func parse(_ text: String) throws -> (host: String, port: Int) {
    // Port 0 takes a free one, which no client's target may.
    guard case .tcp(let host, let port)? = try? Target(parsing: text, ports: 0...65535) else {
      throw WorkbenchError(
        .invalidArgument, "--listen '\(text)' is not HOST:PORT; give an address such as 127.0.0.1:50051")
    }
    return (host, port)
  }
}
