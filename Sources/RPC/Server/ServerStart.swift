import CGRPC
import Concurrency
import Glibc
import Synchronization

extension Server {
  /// Starts listening and serving; a server can be started once.
  public func start() async throws(RPCError) -> BoundAddresses {
    let fresh = state.withLock { state in
      defer { if state.phase == .new { state.phase = .running } }
      return state.phase == .new
    }
    guard fresh else { throw RPCError(.failedPrecondition, "the server has already been started") }
    do throws(RPCError) {
      defer { opened.resolve(true) }
      return try open()
    } catch {
      await shutdown(drain: .zero)
      throw error
    }
  }

  private func open() throws(RPCError) -> BoundAddresses {
    var bound = BoundAddresses()
    try CompletionQueue.shared.start()
    let acceptor = try Acceptor(limit: configuration.maxConnections, peers: peers) { [weak self] descriptor in
      // The core must not get a connection after it was destroyed.
      let taken = self?.state.withLock { state in
        if let core = state.core { cgrpc_server_adopt(core.raw, descriptor) }
        return state.core != nil
      }
      if taken != true { close(descriptor) }
    }
    state.withLock { $0.acceptor = acceptor }
    if let path = configuration.unixSocket {
      let socket = try SocketPath.listen(at: path)
      acceptor.add(listener: socket.listener, isUnix: true)
      let locked = LockedSocket(socket)
      state.withLock { $0.socketPath = locked }
      bound.unixSocket = path
    }
    for (host, port) in configuration.tcp {
      var number = UInt16(port)
      let listener = cgrpc_socket_listen_tcp(host, &number, Limits.backlog)
      guard listener >= 0 else { throw Self.cannotListen(host, port, -listener) }
      acceptor.add(listener: listener, isUnix: false)
      bound.tcp.append((host, Int(number)))
    }
    bound.tls = try startCore()
    for _ in 0..<Limits.postedRequests { postRequest() }
    try acceptor.start()
    for descriptor in configuration.connectedDescriptors { try adopt(descriptor: descriptor) }
    return bound
  }

  private static func cannotListen(_ host: String, _ port: Int, _ reason: Int32) -> RPCError {
    let code: StatusCode =
      switch reason {
      case EADDRINUSE: .alreadyExists
      case EACCES: .permissionDenied
      case EADDRNOTAVAIL: .invalidArgument
      default: .unavailable
      }
    return RPCError(code, "cannot listen at \(host):\(port): \(errorText(reason))")
  }

  private func startCore() throws(RPCError) -> [ServerConfiguration.Address] {
    let arguments = Arguments()
    arguments.addCommon(
      receivedMessageBytes: configuration.maxReceiveMessageBytes, keepalive: configuration.keepalive)
    arguments.addQuota(bytes: configuration.memoryBytes)
    arguments.add("grpc.max_concurrent_streams", Limits.streamsPerConnection)
    arguments.add("grpc.server_handshake_timeout_ms", Limits.handshake)
    if let idle = configuration.connectionIdle { arguments.add("grpc.max_connection_idle_ms", idle) }
    arguments.add("grpc.http2.min_ping_interval_without_data_ms", Limits.pingInterval)
    arguments.add("grpc.http2.max_ping_strikes", Limits.pingStrikes)
    // By default two servers could share a port without noticing.
    arguments.add("grpc.so_reuseport", 0)
    guard let core = CorePointer(cgrpc_server_create(arguments.pointer, CompletionQueue.shared.pointer))
    else {
      throw RPCError(.internal, "the gRPC core could not create a server")
    }
    let failure: RPCError?
    var bound: [ServerConfiguration.Address] = []
    (bound, failure) = Self.addTLS(configuration, core.raw)
    cgrpc_server_start(core.raw)
    state.withLock { $0.core = core }
    if let failure { throw failure }
    return bound
  }

  private static func addTLS(
    _ configuration: ServerConfiguration, _ core: OpaquePointer
  ) -> ([ServerConfiguration.Address], RPCError?) {
    guard let keys = configuration.tlsKeys else { return ([], nil) }
    var bound: [ServerConfiguration.Address] = []
    for (host, port) in configuration.tls {
      let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
      let number = cgrpc_server_add_tls_port(
        core, address, keys.certificates, keys.privateKey, keys.clientRoots)
      if number == 0 {
        return (
          bound,
          RPCError(
            .unavailable,
            "cannot listen at \(address) with TLS: the port is in use, or the certificate or key is not valid"
          )
        )
      }
      bound.append((host, Int(number)))
    }
    return (bound, nil)
  }

  /// Serves a connected socket, such as one end of a `socketpair`; the descriptor is taken over even on failure.
  public func adopt(descriptor: Int32) throws(RPCError) {
    guard let acceptor = state.withLock({ $0.core == nil ? nil : $0.acceptor }) else {
      close(descriptor)
      throw RPCError(.failedPrecondition, "the server is not running")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      throw RPCError(.invalidArgument, "descriptor \(descriptor) is not an open socket")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    try acceptor.adopt(descriptor, .local)
  }
}
