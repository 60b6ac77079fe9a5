import Glibc
import NIOCore

/// The address of a client: as a whole for people, and the part that is limited.
struct PeerAddress: Sendable {
  /// `127.0.0.1:4711`, `[::1]:4711`.
  let text: String
  /// An IPv4 address, or the network of an IPv6 address: a host may use any of its 2^64 addresses.
  let network: [UInt8]

  init?(_ address: SocketAddress?) {
    guard let address, let host = address.ipAddress, let port = address.port else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, host, &bytes) == 1 {
      network = Array(bytes.prefix(4))
      text = "\(host):\(port)"
    } else if inet_pton(AF_INET6, host, &bytes) == 1 {
      network = Array(bytes.prefix(8))
      text = "[\(host)]:\(port)"
    } else {
      return nil
    }
  }

  /// The addresses of a host to listen at, in the system's order; blocks while a name is looked up.
  static func resolve(host: String, port: Int) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0 else { return [] }
    defer { freeaddrinfo(found) }
    var addresses: [SocketAddress] = []
    var next = found
    while let entry = next?.pointee {
      next = entry.ai_next
      guard let raw = UnsafeRawPointer(entry.ai_addr) else { continue }
      switch entry.ai_family {
      case AF_INET: addresses.append(SocketAddress(raw.loadUnaligned(as: sockaddr_in.self)))
      case AF_INET6: addresses.append(SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self)))
      default: continue
      }
    }
    return addresses
  }
}
