import Concurrency
import Synchronization

/// Lets requests change a conversation one after another, in the order in which they came.
final class ConversationTurns: Sendable {
  private struct Line {
    let queue = TurnQueue()
    /// Requests that stand in it.
    var count = 0
  }

  private let lines = Mutex<[Int64: Line]>([:])

  /// Runs `body` after the requests for the conversation `id` that came earlier.
  func run<Value>(_ id: Int64, _ body: () async throws -> Value) async throws -> Value {
    let queue = lines.withLock { lines in
      lines[id, default: Line()].count += 1
      return lines[id]?.queue
    }
    defer {
      lines.withLock { lines in
        lines[id]?.count -= 1
        if lines[id]?.count == 0 { lines[id] = nil }
      }
    }
    return try await (queue ?? TurnQueue()).run {
      // Whoever gave up while waiting changes nothing.
      try Task.checkCancellation()
      return try await body()
    }
  }
}
