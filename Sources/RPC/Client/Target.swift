import Glibc

/// Where a channel connects.
public enum Target: Sendable, Equatable {
  /// The path of a unix socket.
  case unix(String)
  /// A host name or address and a port.
  case tcp(host: String, port: Int)
  /// A connected socket, which the channel takes and closes; once it ends, so does the channel.
  case descriptor(Int32)
  /// Handlers in this process; only for a channel made with `Channel(inProcess:)`.
  case inProcess

  /// Reads `unix:/path`, `unix:///path`, `/path`, `./path`, `host:port` or `[::1]:port`.
  ///
  /// - Parameter ports: The ports that an address may have; a server may ask for port 0, any free one.
  public init(parsing text: String, ports: ClosedRange<Int> = 1...65535) throws(RPCError) {
    if text.hasPrefix("unix://") {
      self = .unix(String(text.dropFirst("unix://".count)))
    } else if text.hasPrefix("unix:") {
      self = .unix(String(text.dropFirst("unix:".count)))
    } else if text.hasPrefix("/") || text.hasPrefix(".") {
      self = .unix(text)
    } else if let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      ports.contains(port)
    {
      var host = text[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      // A URL such as http://host:80 is not a host's name.
      guard !host.isEmpty, !host.contains("/") else { throw Self.unreadable(text) }
      self = .tcp(host: String(host), port: port)
    } else {
      throw Self.unreadable(text)
    }
  }

  private static func unreadable(_ text: String) -> RPCError {
    RPCError(.invalidArgument, "'\(text)' is not a valid address: use unix:/path, /path or host:port")
  }

  /// The target as the core spells it; nil for what has no address.
  var uri: String? {
    switch self {
    case .unix(let path): "unix:" + Self.percentEncoded(path)
    case .tcp(let host, let port):
      switch Self.family(of: host) {
      case AF_INET: "ipv4:\(host):\(port)"
      case AF_INET6: "ipv6:" + Self.percentEncoded("[\(host)]:\(port)")
      default: "dns:///\(host):\(port)"
      }
    case .descriptor, .inProcess: nil
    }
  }

  private static func family(of host: String) -> Int32? {
    var space = in6_addr()
    for family in [AF_INET, AF_INET6] where inet_pton(family, host, &space) == 1 { return family }
    return nil
  }

  /// The core reads targets as URIs, so a path with a space, `%`, `?` or `#` must be escaped.
  private static func percentEncoded(_ text: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:".utf8)
    var result = ""
    for byte in text.utf8 {
      if plain.contains(byte) {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}

extension Target: CustomStringConvertible {
  /// As `init(parsing:)` reads it.
  public var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .descriptor(let number): "descriptor \(number)"
    case .inProcess: "this process"
    }
  }
}
