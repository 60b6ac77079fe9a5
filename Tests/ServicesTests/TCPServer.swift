import FrameGuard
import RPC

/// Routes on a free TCP port of this machine, and a client's channel to it.
struct TCPServer: Sendable {
  let channel: Channel
  private let server: Server
  private let listener: GuardedListener

  /// Starts serving.
  init(
    _ routes: RouteTable, admit: @escaping @Sendable (ServerContext) async throws -> Void
  ) async throws {
    var configuration = ServerConfiguration()
    configuration.admit = admit
    let server = try Server(configuration: configuration, routes: routes)
    _ = try await server.start()
    self.server = server
    // On a busy machine a client may be late.
    var limits = GuardLimits()
    (limits.handshake, limits.settingsTime, limits.headerTime) = (
      .seconds(3600), .seconds(3600), .seconds(3600)
    )
    listener = GuardedListener(limits: limits, log: { _ in }) { descriptor, address in
      try server.adopt(descriptor: descriptor, peer: .tcp(address))
    }
    let port = try await listener.start(at: [("127.0.0.1", 0)])[0].port
    channel = try Channel(to: .tcp(host: "127.0.0.1", port: port))
  }

  /// Closes the channel and ends the server.
  func stop() async {
    channel.close()
    await server.shutdown(drain: .zero)
    await listener.stop()
  }
}
