import NIOCore
import Synchronization

/// The connections of all clients: how many there are, and who goes first when there are too many.
final class Connections: Sendable {
  private struct Entry {
    let connection: Connection
    /// Since when it has had no request; nil while it has one.
    var idleSince: NIODeadline?
  }

  private let entries = Mutex<[ObjectIdentifier: Entry]>([:])
  private let limit: Int

  /// At most `limit` connections.
  init(limit: Int) {
    self.limit = limit
  }

  /// The connection of a channel.
  subscript(channel: any Channel) -> Connection? {
    entries.withLock { $0[ObjectIdentifier(channel)]?.connection }
  }

  /// Takes a new connection in; if there are too many, the one that has been idle the longest is closed, and the new
  /// one if none is idle.
  func add(_ connection: Connection) {
    let surplus = entries.withLock { entries -> Connection? in
      entries[connection.id] = Entry(connection: connection, idleSince: .now())
      guard entries.count > limit else { return nil }
      let others = entries.values.filter { $0.idleSince != nil && $0.connection !== connection }
      let oldest = others.min { ($0.idleSince ?? .now()) < ($1.idleSince ?? .now()) }
      return oldest?.connection ?? connection
    }
    surplus?.close()
  }

  func remove(_ connection: Connection) {
    entries.withLock { _ = $0.removeValue(forKey: connection.id) }
    connection.leave()
  }

  func mark(_ connection: Connection, isIdle: Bool) {
    entries.withLock { $0[connection.id]?.idleSince = isIdle ? .now() : nil }
  }
}

/// One client's connection.
final class Connection: Sendable {
  private struct State {
    var isGone = false
    var whenGone: (@Sendable () -> Void)?
  }

  /// That of its channel.
  let id: ObjectIdentifier
  private let channel: any Channel
  private let state = Mutex(State())

  init(_ channel: any Channel) {
    self.channel = channel
    id = ObjectIdentifier(channel)
  }

  /// Calls `body` once the client is gone, at once if it is already; nil: not any more.
  func whenGone(_ body: (@Sendable () -> Void)?) {
    let isGone = state.withLock { state in
      state.whenGone = state.isGone ? nil : body
      return state.isGone
    }
    if isGone { body?() }
  }

  /// The client has left.
  func leave() {
    let body = state.withLock { state in
      state.isGone = true
      defer { state.whenGone = nil }
      return state.whenGone
    }
    body?()
  }

  /// Ends the connection.
  func close() { channel.close(promise: nil) }

  /// Runs `body`, which is cancelled when the client goes away.
  func during<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = Task { try await body() }
    whenGone { task.cancel() }
    defer { whenGone(nil) }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
