import Glibc

/// Why a TCP address cannot be listened at.
public struct ListenError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `HOST:PORT` as it was asked for.
  public let address: String
  /// The system's error number; 0: the host has no address.
  public let code: Int32

  init(_ host: String, _ port: Int, _ code: Int32) {
    address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    self.code = code
  }

  /// One line for people to read.
  public var description: String {
    "cannot listen at \(address): \(code == 0 ? "the host has no address" : String(cString: strerror(code)))"
  }
}
