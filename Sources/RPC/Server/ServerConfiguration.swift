/// PEM texts that a server needs for TLS.
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

/// Where a server listens and what it bears.
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
  /// Connected sockets to serve from the start; they are taken.
  public var connectedDescriptors: [Int32] = []
  /// Bytes of a message that a client may send.
  public var maxReceiveMessageBytes = Limits.receivedMessageBytes
  /// Connections at a time, without those of `tls`.
  public var maxConnections = Limits.connections
  /// Calls at a time.
  public var maxCalls = Limits.calls
  /// Bytes that all connections together may hold in buffers.
  public var memoryBytes = Limits.serverMemoryBytes
  /// Silence after which the server asks whether a client still lives, while calls are open.
  public var keepalive = Limits.serverKeepalive
  /// Idleness after which a connection is closed; nil for never, as a connection that cannot be made again needs.
  public var connectionIdle: Duration? = Limits.connectionIdle
  /// Runs before every handler; what it throws is the status of the call.
  ///
  /// For access control.
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

/// Where a server listens in fact.
public struct BoundAddresses: Sendable {
  /// The path of the unix socket.
  public var unixSocket: String?
  /// The plain TCP addresses, in the order of the configuration, with the ports they got.
  public var tcp: [ServerConfiguration.Address] = []
  /// The same for TLS.
  public var tls: [ServerConfiguration.Address] = []
}
