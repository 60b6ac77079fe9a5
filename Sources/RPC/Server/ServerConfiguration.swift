/// Where a server listens, and its limits.
public struct ServerConfiguration: Sendable {
  /// The path of a unix socket; mode 0600.
  public var unixSocket: String?
  /// Connected sockets to serve from the start; the server takes them over.
  public var connectedDescriptors: [Int32] = []
  /// Bytes of a message that a client may send.
  public var maxReceiveMessageBytes = Limits.receivedMessageBytes
  /// Simultaneous connections.
  public var maxConnections = Limits.connections
  /// Simultaneous calls.
  public var maxCalls = Limits.calls
  /// Streams that one connection may have open.
  public var streamsPerConnection = Limits.streamsPerConnection
  /// Bytes that all connections together may hold in buffers.
  public var memoryBytes = Limits.serverMemoryBytes
  /// Silence after which the server asks whether a client still lives, while calls are open.
  public var keepalive = Limits.serverKeepalive
  /// Idleness after which a connection is closed; nil: never, for connections that cannot be made again.
  public var connectionIdle: Duration? = Limits.connectionIdle
  /// Access control: runs before every handler and refuses the call by throwing its status.
  public var admit: (@Sendable (ServerContext) async throws -> Void)?

  /// Listens nowhere.
  public init() {}

  /// Listens at the given places.
  public init(unixSocket: String?, connectedDescriptors: [Int32] = []) {
    self.unixSocket = unixSocket
    self.connectedDescriptors = connectedDescriptors
  }
}
