import Glibc
import Host
import Runtime

/// Which TCP addresses the daemon may listen on: any with TLS and tokens, loopback ones also without if asked to.
struct ListenRule {
  /// Whether the listeners speak TLS.
  let hasTLS: Bool
  let hasTokens: Bool
  /// Whether `--insecure-listen` was given.
  let allowsInsecure: Bool

  init(hasTLS: Bool, hasTokens: Bool, allowsInsecure: Bool) {
    self.hasTLS = hasTLS
    self.hasTokens = hasTokens
    self.allowsInsecure = allowsInsecure
  }

  init(_ configuration: DaemonConfiguration) {
    self.init(
      hasTLS: configuration.tls != nil, hasTokens: configuration.tokens != nil,
      allowsInsecure: configuration.insecureListen)
  }

  /// Refuses settings for TCP addresses when there is none, since they would do nothing.
  static func requireUsed(_ configuration: DaemonConfiguration) throws {
    guard configuration.listen.isEmpty else { return }
    var unused = configuration.tls == nil ? [] : ["--tls-cert and --tls-key"]
    if configuration.tokens != nil { unused.append("--tokens") }
    if configuration.insecureListen { unused.append("--insecure-listen") }
    guard !unused.isEmpty else { return }
    throw WorkbenchError(
      .failedPrecondition,
      "nothing listens on TCP, so \(unused.joined(separator: ", ")) would do nothing; add --listen HOST:PORT")
  }

  /// Refuses an address with an error that says which options are missing.
  func check(_ host: String, _ address: String) throws {
    if hasTLS, hasTokens { return }
    let isLoopback = Self.isLoopback(host)
    if isLoopback, allowsInsecure { return }
    var missing = hasTLS ? [] : ["--tls-cert and --tls-key FILE"]
    if !hasTokens { missing.append("--tokens FILE ('workbench token create' makes one)") }
    var message = "--listen \(address) is open to others: add \(missing.joined(separator: ", and "))"
    if isLoopback {
      message += "; or add --insecure-listen to let every user of this machine connect"
    } else if allowsInsecure {
      message += "; --insecure-listen is only for loopback addresses such as 127.0.0.1"
    }
    throw WorkbenchError(.failedPrecondition, message)
  }

  /// Whether every address of a host is one that only this machine can reach.
  static func isLoopback(_ host: String) -> Bool {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0, let first = list else { return false }
    defer { freeaddrinfo(first) }
    return sequence(first: first, next: { $0.pointee.ai_next }).allSatisfy { entry in
      guard let address = entry.pointee.ai_addr else { return false }
      switch Int32(address.pointee.sa_family) {
      case AF_INET:
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
        }
      case AF_INET6:
        return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          withUnsafeBytes(of: $0.pointee.sin6_addr) { bytes in
            bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
          }
        }
      default: return false
      }
    }
  }
}
