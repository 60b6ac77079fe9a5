import NIOCore

/// The connections of a listener, and what is counted over all of them; stays on the event loop.
final class Registry {
  private struct Account {
    var connections: [ObjectIdentifier: Connection] = [:]
    var halfSent = 0
    var bytes = 0
  }

  let limits: GuardLimits
  let handOver: GuardedListener.HandOver
  private let writeLine: @Sendable (String) -> Void
  private let trim: @Sendable () -> Void
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var accounts: [[UInt8]: Account] = [:]
  private var halfSent = 0
  private var bytes = 0
  private var hits: [GuardLimit: UInt64] = [:]
  private var lastLine: ContinuousClock.Instant?
  private var unsaid = 0

  /// - Parameter trim: Gives memory that is no longer needed back to the system.
  init(
    _ limits: GuardLimits, _ handOver: @escaping GuardedListener.HandOver,
    log: @escaping @Sendable (String) -> Void, trim: @escaping @Sendable () -> Void
  ) {
    self.limits = limits
    self.handOver = handOver
    self.writeLine = log
    self.trim = trim
  }

  // MARK: Coming and going

  /// A place for a new client; nil when all are taken by clients with calls.
  func admit(_ channel: any Channel) -> Connection? {
    guard let address = PeerAddress(channel.remoteAddress) else { return nil }
    let mine = accounts[address.network]?.connections ?? [:]
    if mine.count >= limits.addressConnections, !makeRoom(among: mine, .addressConnections) { return nil }
    if connections.count >= limits.connections, !makeRoom(among: connections, .connections) { return nil }
    let connection = Connection(channel, address, self)
    connections[ObjectIdentifier(connection)] = connection
    accounts[address.network, default: Account()].connections[ObjectIdentifier(connection)] = connection
    return connection
  }

  /// Ends the connection that has gone longest without a call that is being worked on.
  private func makeRoom(among candidates: [ObjectIdentifier: Connection], _ limit: GuardLimit) -> Bool {
    var longest: (Connection, ContinuousClock.Instant)?
    for connection in candidates.values {
      guard let since = connection.spareSince, since < longest?.1 ?? .now else { continue }
      longest = (connection, since)
    }
    guard let (connection, _) = longest else {
      hits[limit, default: 0] += 1
      log("refused a connection: \(limit.rawValue)")
      return false
    }
    connection.end(with: Violation(limit: limit))
    remove(connection)
    return true
  }

  func remove(_ connection: Connection) {
    let id = ObjectIdentifier(connection)
    guard connections.removeValue(forKey: id) != nil else { return }
    settle(connection, (0, 0))
    if connection.wasLarge { trim() }
    accounts[connection.address.network]?.connections[id] = nil
    if accounts[connection.address.network]?.connections.isEmpty == true {
      accounts[connection.address.network] = nil
    }
  }

  func closeAll() {
    for connection in connections.values { connection.close() }
  }

  func check(at now: ContinuousClock.Instant) {
    for connection in connections.values { connection.check(at: now) }
  }

  // MARK: Accounts over connections

  /// Brings the accounts up to date, and ends the connection that takes most of an account that is overdrawn.
  func count(_ connection: Connection) {
    let now = connection.halfSent
    guard now != connection.counted else { return }
    settle(connection, now)
    if now.bytes > ListenerLimits.largeConnection { connection.wasLarge = true }
    guard let account = accounts[connection.address.network] else { return }
    if account.halfSent > limits.halfSent { endWorst(account.connections, .halfSent) { $0.halfSent.calls } }
    if halfSent > limits.allHalfSent { endWorst(connections, .halfSent) { $0.halfSent.calls } }
    if account.bytes > limits.requestBytes {
      endWorst(account.connections, .requestBytes) { $0.halfSent.bytes }
    }
    if bytes > limits.allRequestBytes { endWorst(connections, .requestBytes) { $0.halfSent.bytes } }
  }

  private func settle(_ connection: Connection, _ now: (calls: Int, bytes: Int)) {
    let change = (now.calls - connection.counted.halfSent, now.bytes - connection.counted.bytes)
    connection.counted = (now.calls, now.bytes)
    halfSent += change.0
    bytes += change.1
    accounts[connection.address.network]?.halfSent += change.0
    accounts[connection.address.network]?.bytes += change.1
  }

  private func endWorst(
    _ candidates: [ObjectIdentifier: Connection], _ limit: GuardLimit, by amount: (Connection) -> Int
  ) {
    let worst = candidates.values.max { amount($0) < amount($1) }
    worst?.end(with: Violation(limit: limit))
  }

  // MARK: What is told

  func hit(_ limit: GuardLimit, by connection: Connection) {
    hits[limit, default: 0] += 1
    log("\(connection.address.text): closed, \(limit.rawValue) exceeded (\(limit.meaning))")
    trim()
  }

  /// Writes at most one line in `ListenerLimits.logInterval`.
  func log(_ line: String) {
    let now = ContinuousClock.now
    if let lastLine, now - lastLine < ListenerLimits.logInterval {
      unsaid += 1
      return
    }
    writeLine(unsaid == 0 ? line : "\(line); \(unsaid) more lines like this were left out")
    lastLine = now
    unsaid = 0
  }

  func readings() -> [LimitReading] {
    GuardLimit.allCases.map { limit in
      let current =
        switch limit {
        case .connections: connections.count
        case .addressConnections: accounts.values.map(\.connections.count).max() ?? 0
        case .streams: connections.values.map(\.streams).max() ?? 0
        case .halfSent: accounts.values.map(\.halfSent).max() ?? 0
        case .requestBytes: accounts.values.map(\.bytes).max() ?? 0
        default: 0
        }
      return LimitReading(
        limit: limit, value: limits.value(of: limit), current: UInt64(clamping: current),
        hits: hits[limit] ?? 0)
    }
  }
}
