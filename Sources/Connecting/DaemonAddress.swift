import Glibc
public import RPC

/// Where a daemon listens, and how to speak to it there.
public struct DaemonAddress: Sendable, Equatable {
  /// Where to connect.
  public var target: Target
  /// Whether the connection is encrypted, and the daemon shows a certificate.
  public var usesTLS: Bool

  /// Reads `unix:/path`, `/path`, `host:port`, `http://host:port` or `https://host:port`.
  ///
  /// - Parameter hasRoots: Whether `--ca` was given, which asks for TLS.
  public init(_ text: String, hasRoots: Bool = false) throws(ConnectionError) {
    let scheme = ["http://", "https://"].first { text.lowercased().hasPrefix($0) }
    var rest = text.dropFirst(scheme?.count ?? 0)
    if scheme != nil, rest.hasSuffix("/") { rest = rest.dropLast() }
    do throws(RPCError) {
      target = try Target(parsing: String(rest))
    } catch {
      throw Self.invalid(text)
    }
    guard case .tcp(let host, _) = target else {
      if scheme != nil { throw Self.invalid(text) }
      if hasRoots {
        throw ConnectionError(
          .usage, "--ca is for a connection with TLS, and \(text) is a unix socket",
          hint: "give an address such as --address https://localhost:50051")
      }
      usesTLS = false
      return
    }
    if scheme == "http://", hasRoots {
      throw ConnectionError(
        .usage, "--ca is for a connection with TLS, and \(text) is one without",
        hint: "write https:// instead of http://")
    }
    usesTLS = scheme == "https://" || scheme == nil && (hasRoots || !Self.isLoopback(host))
  }

  /// Whether what is sent cannot be read on the way: it is encrypted, or does not leave this machine.
  public var isPrivate: Bool {
    guard case .tcp(let host, _) = target else { return true }
    return usesTLS || Self.isLoopback(host)
  }

  private static func invalid(_ text: String) -> ConnectionError {
    ConnectionError(
      .usage, "'\(text)' is not a valid address",
      hint: "use unix:/path, /path, host:port, https://host:port (TLS) or http://host:port (plain text)")
  }

  /// Whether a host is this machine by its number or the name `localhost`; other names are not looked up.
  public static func isLoopback(_ host: String) -> Bool {
    var (v4, v6) = (in_addr(), in6_addr())
    if inet_pton(AF_INET, host, &v4) == 1 { return UInt32(bigEndian: v4.s_addr) >> 24 == 127 }
    if inet_pton(AF_INET6, host, &v6) == 1 {
      return withUnsafeBytes(of: v6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }
    return host.lowercased() == "localhost"
  }
}
