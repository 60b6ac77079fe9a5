public import RPC

/// A channel to the daemon at an address, and what is sent with each call.
public struct DaemonConnection: Sendable {
  /// The connection itself; it is made at the first call.
  public let channel: Channel
  /// The token, as each call carries it.
  public let metadata: Metadata
  /// Whether the connection is encrypted.
  public let usesTLS: Bool

  /// A connection to the daemon at `address`.
  ///
  /// - Parameters:
  ///   - userAgent: The program and its version.
  ///   - responseBytes: Bytes of a message that the daemon may send.
  /// - Throws: `usage` for an address that cannot work, and for a token that others could read on its way there.
  public init(
    address: String, credentials: Credentials, userAgent: String, responseBytes: Int
  ) throws(ConnectionError) {
    let place = try DaemonAddress(address, hasRoots: credentials.roots != nil)
    if credentials.token != nil, !place.isPrivate {
      throw ConnectionError(
        .usage, "the token is not sent to \(address), where it could be read on the way",
        hint: "use an address with TLS: https://host:port")
    }
    usesTLS = place.usesTLS
    metadata = credentials.token.map { ["authorization": .text("Bearer \($0)")] } ?? [:]
    var options = ChannelOptions()
    options.maxReceiveMessageBytes = responseBytes
    options.userAgent = userAgent
    if usesTLS { options.tls = ChannelTLS(roots: credentials.roots, identity: credentials.identity) }
    do {
      channel = try Channel(to: place.target, options: options)
    } catch {
      throw ConnectionError(.usage, error.message)
    }
  }
}
