import RPC

/// Routes on a free TCP port of this machine, and a client's channel to it.
struct TCPServer: Sendable {
  let channel: Channel
  private let server: Server

  /// Starts serving.
  init(
    _ routes: RouteTable, admit: @escaping @Sendable (ServerContext) async throws -> Void
  ) async throws {
    var configuration = ServerConfiguration(unixSocket: nil, tcp: [("127.0.0.1", 0)])
    configuration.admit = admit
    server = try Server(configuration: configuration, routes: routes)
    let port = try await server.start().tcp[0].port
    channel = try Channel(to: .tcp(host: "127.0.0.1", port: port))
  }

  /// Closes the channel and ends the server.
  func stop() async {
    channel.close()
    await server.shutdown(drain: .zero)
  }
}
