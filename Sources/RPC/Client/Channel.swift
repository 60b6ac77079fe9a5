import CGRPC
import Glibc
import Synchronization

/// A client's connection to one server; connects at the first call and again when the connection is lost.
public final class Channel: Sendable {
  /// Who makes the calls; nothing once the channel was closed.
  private enum Route {
    case core(CorePointer)
    case inProcess(InProcessServer)
  }

  private struct State {
    var route: Route?
    var calls: [ObjectIdentifier: any CallHandle] = [:]
  }

  /// Where it connects.
  public let target: Target
  private let state: Mutex<State>

  /// A channel, which connects at its first call.
  ///
  /// - Throws: INVALID_ARGUMENT for a target or options that cannot work.
  public init(to target: Target, options: ChannelOptions = .init()) throws(RPCError) {
    self.target = target
    state = Mutex(State())
    let core = try Self.connect(to: target, options)
    state.withLock { $0.route = core.map { .core($0) } }
  }

  /// A channel to handlers in this process, without a socket: calls behave as over a connection.
  ///
  /// - Parameter admit: Runs before each handler and refuses a call by throwing, as `ServerConfiguration.admit` does.
  public init(
    inProcess routes: RouteTable, options: ChannelOptions = .init(),
    admit: (@Sendable (ServerContext) async throws -> Void)? = nil
  ) {
    target = .inProcess
    let server = InProcessServer(
      routes: routes, responseLimit: options.maxReceiveMessageBytes, admit: admit)
    state = Mutex(State(route: .inProcess(server)))
  }

  deinit { close() }

  /// Cancels the calls under way and refuses new ones with UNAVAILABLE.
  public func close() {
    let (route, calls) = state.withLock { state in
      defer { state = State() }
      return (state.route, Array(state.calls.values))
    }
    for call in calls { call.cancel() }
    if case .core(let core) = route { cgrpc_channel_destroy(core.raw) }
  }

  /// Makes the next call connect at once instead of waiting after earlier failures.
  public func resetBackoff() {
    state.withLock { state in
      if case .core(let core) = state.route { cgrpc_channel_reset_backoff(core.raw) }
    }
  }

  /// A new call, known to the channel until `forget`.
  func makeCall(_ path: String, _ options: CallOptions) throws(RPCError) -> any CallHandle {
    try options.metadata.check()
    // The core starts such a call too, and whether its answer or the end of its time comes first is a matter of luck.
    if let timeout = options.timeout, timeout <= .zero { throw .deadlinePassed }
    let call: (any CallHandle)? = state.withLock { state in
      let call: (any CallHandle)? =
        switch state.route {
        case .core(let core): Self.makeCoreCall(core, path, options)
        case .inProcess(let server): server.makeCall(path, options)
        case nil: nil
        }
      if let call { state.calls[ObjectIdentifier(call)] = call }
      return call
    }
    guard let call else { throw RPCError(.unavailable, "the channel to \(target) is closed") }
    return call
  }

  private static func makeCoreCall(_ core: CorePointer, _ path: String, _ options: CallOptions) -> CoreCall? {
    let timeout = options.timeout?.wholeNanoseconds ?? .max
    let pointer = cgrpc_channel_create_call(
      core.raw, CompletionQueue.shared.pointer, path, path.utf8.count, timeout)
    return CorePointer(pointer).map { CoreCall(taking: $0) }
  }

  /// Removes a call that has ended.
  func forget(_ call: any CallHandle) {
    state.withLock { _ = $0.calls.removeValue(forKey: ObjectIdentifier(call)) }
  }

  private static func connect(to target: Target, _ options: ChannelOptions) throws(RPCError) -> CorePointer? {
    try CompletionQueue.shared.start()
    let arguments = Arguments()
    arguments.addCommon(receivedMessageBytes: options.maxReceiveMessageBytes, keepalive: options.keepalive)
    arguments.add("grpc.initial_reconnect_backoff_ms", Limits.reconnect.first)
    arguments.add("grpc.max_reconnect_backoff_ms", Limits.reconnect.longest)
    // Retries would hide refused calls and buffer what was sent; a shared pool would share back-off between channels.
    arguments.add("grpc.enable_retries", 0)
    arguments.add("grpc.use_local_subchannel_pool", 1)
    arguments.add("grpc.enable_http_proxy", 0)
    arguments.add("grpc.service_config_disable_resolution", 1)
    if let userAgent = options.userAgent { arguments.add("grpc.primary_user_agent", userAgent) }
    if let name = options.tls?.serverName { arguments.add("grpc.ssl_target_name_override", name) }
    if case .descriptor(let descriptor) = target {
      try checkSocket(descriptor)
      let name = "fd:\(descriptor)"
      return CorePointer(cgrpc_channel_create_from_descriptor(name, descriptor, arguments.pointer))
    }
    if case .unix(let path) = target { try SocketPath.check(path) }
    guard let uri = target.uri else {
      throw RPCError(.invalidArgument, "\(target) is not an address to connect to")
    }
    let identity = options.tls?.identity
    let pointer = cgrpc_channel_create(
      uri, arguments.pointer, options.tls != nil, options.tls?.roots, identity?.certificates,
      identity?.privateKey)
    return CorePointer(pointer)
  }

  /// The core aborts the process when it is given anything but a socket.
  private static func checkSocket(_ descriptor: Int32) throws(RPCError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      throw RPCError(.invalidArgument, "descriptor \(descriptor) is not an open socket")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }
}
