/// PEM texts that a channel needs for TLS.
public struct ChannelTLS: Sendable {
  /// Certificates of the authorities that may vouch for the server.
  public var roots: String
  /// The client's own certificate chain and private key, for servers that ask.
  public var identity: (certificates: String, privateKey: String)?
  /// The name to expect in the server's certificate instead of the host's.
  public var serverName: String?

  /// Settings for TLS.
  public init(
    roots: String, identity: (certificates: String, privateKey: String)? = nil, serverName: String? = nil
  ) {
    self.roots = roots
    self.identity = identity
    self.serverName = serverName
  }
}

/// How a channel connects and what it accepts.
public struct ChannelOptions: Sendable {
  /// Bytes of a message that the server may send.
  public var maxReceiveMessageBytes = Limits.receivedMessageBytes
  /// Silence after which the channel asks whether the server still lives, while calls are open.
  public var keepalive = Limits.clientKeepalive
  /// TLS; only for TCP.
  public var tls: ChannelTLS?
  /// Goes before the core's own user agent.
  public var userAgent: String?

  /// The defaults.
  public init() {}
}

/// What one call differs in.
public struct CallOptions: Sendable {
  /// Sent before the first request.
  public var metadata: Metadata
  /// The call ends with DEADLINE_EXCEEDED after this time; nil: never.
  public var timeout: Duration?
  /// Wait for a connection instead of failing with UNAVAILABLE.
  public var waitForReady: Bool

  /// Options of a call.
  public init(metadata: Metadata = [:], timeout: Duration? = nil, waitForReady: Bool = false) {
    self.metadata = metadata
    self.timeout = timeout
    self.waitForReady = waitForReady
  }
}
