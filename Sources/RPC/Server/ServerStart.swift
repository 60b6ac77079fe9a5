import CGRPC
import Concurrency
import Glibc
import Synchronization

extension Server {
  /// Starts listening and serving; a server can be started once.
  ///
  /// - Returns: The path of the unix socket, if it has one.
  public func start() async throws(RPCError) -> String? {
    let fresh = state.withLock { state in
      defer { if state.phase == .new { state.phase = .running } }
      return state.phase == .new
    }
    guard fresh else { throw RPCError(.failedPrecondition, "the server has already been started") }
    do throws(RPCError) {
      defer { opened.resolve(true) }
      try open()
      return configuration.unixSocket
    } catch {
      await shutdown(drain: .zero)
      throw error
    }
  }

  private func open() throws(RPCError) {
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
      acceptor.add(listener: socket.listener)
      let locked = LockedSocket(socket)
      state.withLock { $0.socketPath = locked }
    }
    try startCore()
    for _ in 0..<Limits.postedRequests { postRequest() }
    try acceptor.start()
    for descriptor in configuration.connectedDescriptors { try adopt(descriptor: descriptor) }
  }

  private func startCore() throws(RPCError) {
    let arguments = Arguments()
    arguments.addCommon(
      receivedMessageBytes: configuration.maxReceiveMessageBytes, keepalive: configuration.keepalive)
    arguments.addQuota(bytes: configuration.memoryBytes)
    arguments.add("grpc.max_concurrent_streams", configuration.streamsPerConnection)
    arguments.add("grpc.server_handshake_timeout_ms", Limits.handshake)
    if let idle = configuration.connectionIdle { arguments.add("grpc.max_connection_idle_ms", idle) }
    // 0: the core counts no pings. It would end the stream of a client that waits for a long prompt with
    // `Too many pings`, and takes one ping in two hours without a call.
    arguments.add("grpc.http2.max_ping_strikes", 0)
    guard let core = CorePointer(cgrpc_server_create(arguments.pointer, CompletionQueue.shared.pointer))
    else {
      throw RPCError(.internal, "the gRPC core could not create a server")
    }
    cgrpc_server_start(core.raw)
    state.withLock { $0.core = core }
  }

  /// Serves a connected socket, such as one end of a `socketpair`; the descriptor is taken over even on failure.
  ///
  /// - Parameter peer: Who is behind it.
  public func adopt(descriptor: Int32, peer: Peer = .local) throws(RPCError) {
    guard let acceptor = state.withLock({ $0.core == nil ? nil : $0.acceptor }) else {
      close(descriptor)
      throw RPCError(.failedPrecondition, "the server is not running")
    }
    var status = stat()
    let isOpen = fstat(descriptor, &status) == 0
    guard isOpen, status.st_mode & S_IFMT == S_IFSOCK else {
      if isOpen { close(descriptor) }
      throw RPCError(.invalidArgument, "descriptor \(descriptor) is not an open socket")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    try acceptor.adopt(descriptor, peer)
  }
}
