/// PEM texts for a server with TLS.
public struct ServerTLS: Sendable {
  /// The server's certificate chain.
  public var certificates: String
  /// Its private key.
  public var privateKey: String
  /// Certificates of the authorities that vouch for clients; nil: clients need no certificate.
  public var clientRoots: String?

  /// Settings for TLS.
  public init(certificates: String, privateKey: String, clientRoots: String? = nil) {
    self.certificates = certificates
    self.privateKey = privateKey
    self.clientRoots = clientRoots
  }
}

/// Where a server listens, and its limits.
public struct ServerConfiguration: Sendable {
  /// A host name or address with a port.
  public typealias Address = (host: String, port: Int)

  /// The path of a unix socket; mode 0600.
  public var unixSocket: String?
  /// TCP addresses in plain text; port 0 takes a free one.
  public var tcp: [Address] = []
  /// TCP addresses with TLS, by the core's own listener.
  public var tls: [Address] = []
  /// Keys for `tls`.
  public var tlsKeys: ServerTLS?
  /// Connected sockets to serve from the start; the server takes them over.
  public var connectedDescriptors: [Int32] = []
  /// Bytes of a message that a client may send.
  public var maxReceiveMessageBytes = Limits.receivedMessageBytes
  /// Simultaneous connections, not counting those of `tls`.
  public var maxConnections = Limits.connections
  /// Simultaneous calls.
  public var maxCalls = Limits.calls
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
  public init(unixSocket: String?, tcp: [Address] = [], connectedDescriptors: [Int32] = []) {
    self.unixSocket = unixSocket
    self.tcp = tcp
    self.connectedDescriptors = connectedDescriptors
  }
}

/// Where a server actually listens.
public struct BoundAddresses: Sendable {
  /// The path of the unix socket.
  public var unixSocket: String?
  /// The plain TCP addresses, in the order of the configuration, with the ports that were assigned.
  public var tcp: [ServerConfiguration.Address] = []
  /// The TLS addresses, likewise.
  public var tls: [ServerConfiguration.Address] = []
}
