import CGRPC
import Concurrency
import Glibc
import Synchronization

/// Serves the methods of a route table over unix sockets, TCP and connected sockets at the same time.
///
/// Once started it lives until `shutdown` has returned, whether or not somebody holds it.
public final class Server: Sendable {
  private enum Phase { case new, running, stopping, stopped }

  private struct State {
    var phase = Phase.new
    var core: CorePointer?
    var acceptor: Acceptor?
    var socketPath: LockedSocket?
    var calls: [ObjectIdentifier: ServerCall] = [:]
  }

  /// Keeps the socket file and its lock for as long as the server runs.
  private final class LockedSocket: Sendable {
    let path: SocketPath
    init(_ path: consuming sending SocketPath) { self.path = path }
  }

  private let configuration: ServerConfiguration
  private let routes: RouteTable
  private let peers = PeerTable()
  private let state = Mutex(State())
  private let opened = OneShot<Bool>()
  private let idle = Mutex<OneShot<Bool>?>(nil)
  private let stopped = OneShot<Bool>()

  /// A server that does nothing before `start`.
  public init(configuration: ServerConfiguration, routes: RouteTable) throws(RPCError) {
    if let path = configuration.unixSocket { try SocketPath.check(path) }
    for (host, port) in configuration.tcp + configuration.tls
    where !(0...65535).contains(port) || host.isEmpty {
      throw RPCError(
        .invalidArgument,
        "'\(host):\(port)' is not a valid address: use HOST:PORT with a port from 0 to 65535")
    }
    if !configuration.tls.isEmpty, configuration.tlsKeys == nil {
      throw RPCError(.invalidArgument, "TLS needs a certificate and a key")
    }
    self.configuration = configuration
    self.routes = routes
  }

  /// Calls under way now.
  public var callCount: Int { state.withLock { $0.calls.count } }

  /// Connections open now, without those of TLS listeners.
  public var connectionCount: Int { state.withLock { $0.acceptor }?.connections ?? 0 }
}

// MARK: - Starting

extension Server {
  /// Begins to listen and to serve; at most once.
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
    acceptor.start()
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
    // The default lets two servers share a port without a word.
    arguments.add("grpc.so_reuseport", 0)
    guard let core = CorePointer(cgrpc_server_create(arguments.pointer, CompletionQueue.shared.pointer))
    else {
      throw RPCError(.internal, "the core made no server")
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
          RPCError(.unavailable, "cannot listen at \(address) with TLS: the port is taken or a key is bad")
        )
      }
      bound.append((host, Int(number)))
    }
    return (bound, nil)
  }

  /// Serves a connected socket, such as one end of a `socketpair`; it is taken in any case.
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

// MARK: - Calls

extension Server {
  /// A place for the next call, in the core's memory.
  private final class Slot: @unchecked Sendable {
    // Holds: the core writes to it until its tag comes, then only the queue's thread reads it.
    let pointer: OpaquePointer
    init?() {
      guard let pointer = cgrpc_incoming_create() else { return nil }
      self.pointer = pointer
    }
    deinit { cgrpc_incoming_destroy(pointer) }
  }

  /// Asks the core for one more call.
  private func postRequest() {
    guard let slot = Slot() else { return }
    state.withLock { state in
      guard let core = state.core else { return }
      _ = Operation.begin({ ok in
        // Not ok: the server is stopping.
        guard ok else { return }
        self.arrived(slot)
        self.postRequest()
      }) { tag in cgrpc_server_request_call(core.raw, slot.pointer, tag) }
    }
  }

  private func arrived(_ slot: Slot) {
    guard let pointer = CorePointer(cgrpc_incoming_take_call(slot.pointer)) else { return }
    let handle = CoreCall(taking: pointer)
    var length = 0
    let name = cgrpc_incoming_get_method(slot.pointer, &length)
    let left = cgrpc_incoming_get_time_left(slot.pointer)
    let call = ServerCall(
      handle,
      method: String(decoding: UnsafeRawBufferPointer(start: name, count: length), as: UTF8.self),
      metadata: Metadata(core: cgrpc_incoming_get_metadata(slot.pointer)),
      peer: peers.peer(address: handle.peer),
      deadline: left == .max ? nil : .now + .nanoseconds(left))
    let refusal: RPCError? = state.withLock { state in
      state.calls[ObjectIdentifier(call)] = call
      if state.phase != .running { return RPCError.stopping }
      if state.calls.count <= configuration.maxCalls { return nil }
      return RPCError(.resourceExhausted, "the server has \(configuration.maxCalls) calls under way")
    }
    call.run {
      if let refusal {
        await call.finish(nil, refusal)
      } else {
        await self.routes.serve(call, admit: self.configuration.admit)
      }
      self.forget(call)
    }
  }

  private func forget(_ call: ServerCall) {
    let empty = state.withLock { state in
      state.calls[ObjectIdentifier(call)] = nil
      return state.calls.isEmpty
    }
    if empty { idle.withLock { $0 }?.resolve(true) }
  }
}

// MARK: - Stopping

extension Server {
  /// Stops accepting at once, waits up to `drain` for the calls under way, then cancels the rest.
  ///
  /// Returns when every connection is closed and the socket file is gone. May be called again, or by several tasks.
  public func shutdown(drain: Duration) async {
    let before = state.withLock { state in
      defer { if state.phase != .stopped { state.phase = .stopping } }
      return state.phase
    }
    switch before {
    case .new: break
    // A start may be half way; what it opens must not outlive the shutdown.
    case .running: _ = await opened.waitToEnd()
    case .stopping, .stopped: return await waitUntilStopped()
    }
    let acceptor = state.withLock { $0.acceptor }
    await acceptor?.stopAccepting()
    state.withLock { $0.socketPath = nil }
    await stopCore(drain: drain)
    await acceptor?.stop()
    state.withLock { state in
      state.acceptor = nil
      state.phase = .stopped
    }
    stopped.resolve(true)
  }

  /// Waits for the end of a `shutdown`.
  public func waitUntilStopped() async {
    _ = await stopped.waitToEnd()
  }

  private func stopCore(drain: Duration) async {
    guard state.withLock({ $0.core != nil }) else { return }
    // The core is told only when the calls are over: once told, it closes a connection at the end of the last call on
    // it, and a client that writes at that moment loses what it has not read. Until then we refuse new calls.
    await waitForCalls(drain)
    let late = state.withLock { Array($0.calls.values) }
    for call in late { Task.detached { await call.abort(.stopping) } }
    if !late.isEmpty { await waitForCalls(Limits.goodbye) }
    let closed = OneShot<Bool>()
    withCore { core in
      _ = Operation.begin({ _ in closed.resolve(true) }) { tag in
        cgrpc_server_shutdown(core, tag)
        return true
      }
    }
    // The core asks each client whether it has read everything, then closes; clients that do not answer are cut.
    _ = await closed.wait(atMost: Limits.goodbye)
    withCore { cgrpc_server_cancel_all($0) }
    _ = await closed.waitToEnd()
    let core = state.withLock { state in
      defer { state.core = nil }
      return state.core
    }
    if let core { cgrpc_server_destroy(core.raw) }
  }

  private func withCore(_ body: (OpaquePointer) -> Void) {
    state.withLock { state in
      if let core = state.core { body(core.raw) }
    }
  }

  private func waitForCalls(_ drain: Duration) async {
    let none = OneShot<Bool>()
    idle.withLock { $0 = none }
    if callCount == 0 { none.resolve(true) }
    _ = await none.wait(atMost: drain)
  }
}

extension RPCError {
  fileprivate static let stopping = RPCError(.unavailable, "the server is stopping")
}
