import Synchronization

/// Who is at the other end of a connection.
public enum Peer: Sendable, Equatable {
  /// A process on this machine, identified by the kernel.
  case unix(uid: UInt32, pid: Int32)
  /// A network address, which proves nothing about the caller.
  case tcp(String)
  /// The other end of a socket that this process made.
  case local
}

/// Which peer is behind which descriptor of the core's, since that number is all that a call tells.
///
/// A call may be seen after its connection is gone and its number has a new owner. So that it is never attributed
/// to another peer, a number serves one identity as long as the table exists.
final class PeerTable: Sendable {
  /// The part of a peer that decides access.
  private enum Identity: Equatable {
    case user(UInt32)
    case network
    case local
  }

  private let peers = Mutex<[Int32: Peer]>([:])

  /// Remembers the peer behind a number; false when the number has served another identity.
  func claim(_ descriptor: Int32, for peer: Peer) -> Bool {
    peers.withLock { peers in
      if let before = peers[descriptor], Self.identity(before) != Self.identity(peer) { return false }
      peers[descriptor] = peer
      return true
    }
  }

  /// The peer of a call, from the address that the core gives, such as `fd:12`.
  func peer(address: String) -> Peer {
    if address.hasPrefix("fd:"), let descriptor = Int32(address.dropFirst(3)),
      let peer = peers.withLock({ $0[descriptor] })
    {
      return peer
    }
    return .tcp(address)
  }

  private static func identity(_ peer: Peer) -> Identity {
    switch peer {
    case .unix(let uid, _): .user(uid)
    case .tcp: .network
    case .local: .local
    }
  }
}
