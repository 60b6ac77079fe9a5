import CGRPC
import Concurrency
import Glibc
import Synchronization

/// Serves the methods of a route table over a unix socket and connected sockets at the same time.
///
/// Once started it lives until `shutdown` has returned, even if nothing refers to it.
public final class Server: Sendable {
  enum Phase { case new, running, stopping, stopped }

  struct State {
    var phase = Phase.new
    var core: CorePointer?
    var acceptor: Acceptor?
    var socketPath: LockedSocket?
    var calls: [ObjectIdentifier: ServerCall] = [:]
  }

  /// Keeps the socket file and its lock for as long as the server runs.
  final class LockedSocket: Sendable {
    let path: SocketPath
    init(_ path: consuming sending SocketPath) { self.path = path }
  }

  let configuration: ServerConfiguration
  let routes: RouteTable
  let peers = PeerTable()
  let state = Mutex(State())
  let opened = OneShot<Bool>()
  let idle = Mutex<OneShot<Bool>?>(nil)
  let stopped = OneShot<Bool>()

  /// A server that does nothing until `start`.
  public init(configuration: ServerConfiguration, routes: RouteTable) throws(RPCError) {
    if let path = configuration.unixSocket { try SocketPath.check(path) }
    self.configuration = configuration
    self.routes = routes
  }

  /// Number of calls under way.
  public var callCount: Int { state.withLock { $0.calls.count } }

  /// Number of open connections.
  public var connectionCount: Int { state.withLock { $0.acceptor }?.connections ?? 0 }
}

extension RPCError {
  static let stopping = RPCError(.unavailable, "the server is stopping")
}
