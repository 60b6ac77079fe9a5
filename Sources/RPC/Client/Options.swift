/// PEM texts for a channel with TLS.
public struct ChannelTLS: Sendable {
  /// Certificates of the authorities that are trusted to vouch for the server; nil: those of the system.
  public var roots: String?
  /// The client's own certificate chain and private key, for servers that ask.
  public var identity: (certificates: String, privateKey: String)?
  /// The name expected in the server's certificate; nil: the host's name.
  public var serverName: String?

  /// Settings for TLS.
  public init(
    roots: String?, identity: (certificates: String, privateKey: String)? = nil, serverName: String? = nil
  ) {
    self.roots = roots
    self.identity = identity
    self.serverName = serverName
  }
}

/// Settings of a channel.
public struct ChannelOptions: Sendable {
  /// Bytes of a message that the server may send.
  public var maxReceiveMessageBytes = Limits.receivedMessageBytes
  /// Silence after which the channel asks whether the server still lives, while calls are open.
  public var keepalive = Limits.clientKeepalive
  /// TLS; only for TCP.
  public var tls: ChannelTLS?
  /// Precedes the core's own user agent.
  public var userAgent: String?

  /// The defaults.
  public init() {}
}

/// Settings of one call.
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
