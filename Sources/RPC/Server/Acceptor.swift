import CGRPC
import Concurrency
import Glibc
import Synchronization

/// The accept loop: one thread that takes connections, sees that they speak HTTP/2, and hands them to the core.
///
/// The core's own listener stops accepting for good once descriptors have run out, does not say who connects and does
/// not limit connections; hence this one. The core closes the descriptors that it is given; a duplicate, on which
/// nothing but the hang-up is watched, tells when that has happened.
final class Acceptor: Sendable {
  /// What `epoll` reports about.
  private enum Entry {
    case listener
    /// Has not shown the HTTP/2 preface yet.
    case fresh(Peer, until: ContinuousClock.Instant)
    /// The duplicate of a connection that the core has.
    case open
  }

  private struct State {
    var entries: [Int32: Entry] = [:]
    var connections = 0
    var spare: Int32 = -1
    var resumeAt: ContinuousClock.Instant?
    var stopping = false
    var ending = false
    var running = false
  }

  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  private let poller: Poller
  private let limit: Int
  private let peers: PeerTable
  private let handOver: @Sendable (Int32) -> Void
  private let state = Mutex(State())
  private let stopped = OneShot<Bool>()

  /// - Parameter handOver: Gives a connected, non-blocking socket to the core, which closes it.
  init(limit: Int, peers: PeerTable, handOver: @escaping @Sendable (Int32) -> Void) throws(RPCError) {
    self.limit = limit
    self.peers = peers
    self.handOver = handOver
    poller = try Poller()
    state.withLock { $0.spare = Self.makeSpare() }
  }

  private static func makeSpare() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

  /// Connections that the core has.
  var connections: Int { state.withLock { $0.connections } }

  /// Starts accepting, on a thread of its own.
  func start() throws(RPCError) {
    // Before the thread runs, which may end at once.
    state.withLock { $0.running = true }
    do throws(RPCError) {
      try startThread(name: "rpc-accept") { self.run() }
    } catch {
      state.withLock { $0.running = false }
      throw error
    }
  }

  /// Accepts from a listening socket, which is taken.
  func add(listener: Int32) {
    state.withLock { $0.entries[listener] = .listener }
    poller.add(listener, CGRPC_WATCH_READABLE)
  }

  /// Hands over a connected socket that was made elsewhere; it is taken over even on failure.
  func adopt(_ descriptor: Int32, _ peer: Peer) throws(RPCError) {
    let refusal = state.withLock { state -> RPCError? in
      if state.stopping { return RPCError(.unavailable, "the server is stopping") }
      if state.connections >= limit {
        return RPCError(.resourceExhausted, "the server already has \(limit) connections")
      }
      return pass(descriptor, peer, &state)
    }
    if let refusal {
      close(descriptor)
      throw refusal
    }
  }

  /// Closes the listeners and what has not been handed over; returns when the thread has let go of them.
  func stopAccepting() async {
    let closed = state.withLock { state -> [Int32] in
      state.stopping = true
      var closed: [Int32] = []
      for (descriptor, entry) in state.entries {
        if case .open = entry { continue }
        closed.append(descriptor)
      }
      for descriptor in closed { state.entries[descriptor] = nil }
      return closed
    }
    for descriptor in closed { drop(descriptor) }
  }

  /// Ends the thread; the watched duplicates are closed.
  func stop() async {
    let running = state.withLock { state in
      state.ending = true
      return state.running
    }
    guard running else { return closeAll() }
    poller.wake()
    _ = await stopped.waitToEnd()
  }

  // MARK: The thread

  private func run() {
    var ready = [Int32](repeating: -1, count: 64)
    var ending = false
    while !ending {
      let count = poller.wait(into: &ready, milliseconds: waitTime())
      ending = state.withLock { state in
        for descriptor in ready.prefix(count) { handle(descriptor, &state) }
        expire(&state)
        return state.ending
      }
    }
    closeAll()
    stopped.resolve(true)
  }

  private func closeAll() {
    state.withLock { state in
      for descriptor in state.entries.keys { drop(descriptor) }
      if state.spare >= 0 { close(state.spare) }
      state = State(stopping: true, ending: true)
    }
  }

  private func handle(_ descriptor: Int32, _ state: inout State) {
    switch state.entries[descriptor] {
    case .listener: accept(descriptor, &state)
    case .fresh(let peer, _): examine(descriptor, peer, &state)
    case .open:
      state.entries[descriptor] = nil
      state.connections -= 1
      drop(descriptor)
    case nil: break
    }
  }

  private func accept(_ listener: Int32, _ state: inout State) {
    // A bounded number at a time, so that a flood does not keep the others waiting.
    for _ in 0..<16 {
      let descriptor = cgrpc_socket_accept(listener)
      if descriptor >= 0 {
        welcome(descriptor, &state)
        continue
      }
      switch -descriptor {
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: shed(listener, &state)
      case EINTR, ECONNABORTED, EPROTO: continue
      default: break
      }
      return
    }
  }

  private func welcome(_ descriptor: Int32, _ state: inout State) {
    let waiting = state.entries.count - state.connections
    guard state.connections < limit, waiting < limit, let peer = Self.peer(of: descriptor) else {
      close(descriptor)
      return
    }
    state.entries[descriptor] = .fresh(peer, until: .now + Limits.handshake)
    // Edge-triggered: part of a preface stays unread, and must not be reported again and again.
    poller.add(descriptor, CGRPC_WATCH_ARRIVAL)
  }

  private static func peer(of descriptor: Int32) -> Peer? {
    var uid: UInt32 = 0
    var pid: Int32 = 0
    return cgrpc_socket_get_credentials(descriptor, &uid, &pid) == 0 ? .unix(uid: uid, pid: pid) : nil
  }

  /// Out of descriptors: gives up the spare one to take a connection and close it, so that its client
  /// learns of it at once.
  ///
  /// Should even that fail, accepting pauses, since the listener would be reported again and again.
  private func shed(_ listener: Int32, _ state: inout State) {
    Log.write("rpc: out of descriptors or memory for connections; closing one")
    if state.spare >= 0 {
      close(state.spare)
      let victim = cgrpc_socket_accept(listener)
      if victim >= 0 { close(victim) }
      state.spare = Self.makeSpare()
      if victim >= 0, state.spare >= 0 { return }
    }
    state.resumeAt = .now + Limits.acceptPause
    for (descriptor, entry) in state.entries {
      if case .listener = entry { poller.remove(descriptor) }
    }
  }

  /// Looks at the first bytes of a connection without taking them.
  private func examine(_ descriptor: Int32, _ peer: Peer, _ state: inout State) {
    let expected = Self.preface
    var seen = [UInt8](repeating: 0, count: expected.count)
    let count = recv(descriptor, &seen, seen.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0, seen.prefix(count) == expected.prefix(count) else {
      state.entries[descriptor] = nil
      drop(descriptor)
      return
    }
    if count < expected.count { return }
    state.entries[descriptor] = nil
    poller.remove(descriptor)
    if state.connections >= limit {
      close(descriptor)
    } else if let error = pass(descriptor, peer, &state) {
      Log.write("rpc: \(error.message)")
      close(descriptor)
    }
  }

  /// Gives a connection to the core and keeps a duplicate to see its end.
  ///
  /// An error leaves the descriptor to the caller.
  private func pass(_ descriptor: Int32, _ peer: Peer, _ state: inout State) -> RPCError? {
    guard let owned = claim(descriptor, peer) else {
      return RPCError(.resourceExhausted, "no file descriptor is left for a connection: \(errorText(errno))")
    }
    let duplicate = fcntl(owned, F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else {
      let reason = errno
      if owned != descriptor { close(owned) }
      return RPCError(.resourceExhausted, "no file descriptor is left for a connection: \(errorText(reason))")
    }
    if owned != descriptor { close(descriptor) }
    state.entries[duplicate] = .open
    state.connections += 1
    poller.add(duplicate, CGRPC_WATCH_HANGUP)
    handOver(owned)
    return nil
  }

  /// The same socket under a number that has served no other identity; nil when there is none.
  private func claim(_ descriptor: Int32, _ peer: Peer) -> Int32? {
    var candidate = descriptor
    while !peers.claim(candidate, for: peer) {
      let next = fcntl(descriptor, F_DUPFD_CLOEXEC, candidate + 1)
      if candidate != descriptor { close(candidate) }
      guard next >= 0 else { return nil }
      candidate = next
    }
    return candidate
  }

  /// Closes a watched descriptor.
  ///
  /// The kernel forgets a watch by itself only when the last duplicate is closed, and the core may still have one: it
  /// would then report a number that belongs to another connection by then.
  private func drop(_ descriptor: Int32) {
    poller.remove(descriptor)
    close(descriptor)
  }

  /// Closes connections that have kept silent, and takes up accepting after a pause.
  private func expire(_ state: inout State) {
    let now = ContinuousClock.now
    for (descriptor, entry) in state.entries {
      if case .fresh(_, let until) = entry, until <= now {
        state.entries[descriptor] = nil
        drop(descriptor)
      }
    }
    if let resumeAt = state.resumeAt, resumeAt <= now {
      state.resumeAt = nil
      if state.spare < 0 { state.spare = Self.makeSpare() }
      for (descriptor, entry) in state.entries {
        if case .listener = entry { poller.add(descriptor, CGRPC_WATCH_READABLE) }
      }
    }
  }

  /// Milliseconds until `expire` has something to do; -1 for never.
  private func waitTime() -> Int32 {
    state.withLock { state in
      var next = state.resumeAt
      for case .fresh(_, let until) in state.entries.values { next = min(next ?? until, until) }
      guard let next else { return -1 }
      return Int32(clamping: max(0, (next - .now).wholeMilliseconds))
    }
  }
}
