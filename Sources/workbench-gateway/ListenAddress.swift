import Connecting

/// Where the gateway listens.
struct ListenAddress {
  /// A name or number of this machine.
  let host: String
  /// 0: any that is free.
  let port: Int

  /// Reads `host:port`.
  ///
  /// - Parameter isLocked: Whether callers need a token and the connection is encrypted, without which only this machine
  ///   may be listened on.
  init(_ text: String, isLocked: Bool) throws(ConnectionError) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65535).contains(port)
    else {
      throw ConnectionError(.usage, "'\(text)' is not an address to listen on; use host:port")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else {
      throw ConnectionError(
        .usage, "'\(text)' names no host; use 127.0.0.1:\(port) or another one's host:port")
    }
    guard isLocked || DaemonAddress.isLoopback(String(host)) else {
      throw ConnectionError(
        .usage, "--listen \(text) can be reached from other machines",
        hint: "add --tokens FILE with --tls-cert FILE and --tls-key FILE, or listen on 127.0.0.1")
    }
    self.host = String(host)
    self.port = port
  }

  /// Host and port as a URL has them.
  func authority(_ port: Int) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// The names by which it may be called without tokens.
  var names: Set<String> {
    ["localhost", "127.0.0.1", "[::1]", host.contains(":") ? "[\(host)]" : host.lowercased()]
  }
}
