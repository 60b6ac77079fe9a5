import CGRPC
import Glibc
import Synchronization

/// A client's connection to one server; connects at the first call and again when the connection is lost.
public final class Channel: Sendable {
  private struct State {
    var core: CorePointer?
    var calls: [ObjectIdentifier: CallHandle] = [:]
  }

  /// Where it connects.
  public let target: Target
  private let state: Mutex<State>

  /// A channel; fails only when the target or the options cannot be right.
  public init(to target: Target, options: ChannelOptions = .init()) throws(RPCError) {
    self.target = target
    state = Mutex(State())
    let core = try Self.connect(to: target, options)
    state.withLock { $0.core = core }
  }

  deinit { close() }

  /// Refuses new calls and cancels those under way.
  public func close() {
    let (core, calls) = state.withLock { state in
      defer { state = State() }
      return (state.core, Array(state.calls.values))
    }
    for call in calls { call.cancel() }
    if let core { cgrpc_channel_destroy(core.raw) }
  }

  /// Makes the next call try to connect at once, whatever the wait after earlier failures.
  public func resetBackoff() {
    state.withLock { state in
      if let core = state.core { cgrpc_channel_reset_backoff(core.raw) }
    }
  }

  /// A new call, known to the channel until `forget`.
  func makeCall(_ path: String, _ options: CallOptions) throws(RPCError) -> CallHandle {
    try options.metadata.check()
    let timeout = options.timeout.map { max(0, $0.wholeNanoseconds) } ?? .max
    let call: CallHandle? = state.withLock { state in
      guard let core = state.core,
        let pointer = CorePointer(
          cgrpc_channel_create_call(core.raw, CompletionQueue.client.pointer, path, path.utf8.count, timeout))
      else { return nil }
      let call = CallHandle(taking: pointer)
      state.calls[ObjectIdentifier(call)] = call
      return call
    }
    guard let call else { throw RPCError(.unavailable, "the channel to \(target) is closed") }
    return call
  }

  /// Lets go of a call that has ended.
  func forget(_ call: CallHandle) {
    state.withLock { _ = $0.calls.removeValue(forKey: ObjectIdentifier(call)) }
  }

  private static func connect(to target: Target, _ options: ChannelOptions) throws(RPCError) -> CorePointer? {
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
    guard let uri = target.uri else { throw RPCError(.invalidArgument, "\(target) has no address") }
    let identity = options.tls?.identity
    let pointer = cgrpc_channel_create(
      uri, arguments.pointer, options.tls?.roots, identity?.certificates, identity?.privateKey)
    return CorePointer(pointer)
  }

  /// The core aborts the process when it is given something else than a socket.
  private static func checkSocket(_ descriptor: Int32) throws(RPCError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      throw RPCError(.invalidArgument, "descriptor \(descriptor) is no open socket")
    }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }
}
