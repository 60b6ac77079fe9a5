package import Concurrency
package import Host
import Synchronization

extension HostPatience {
  /// Waits for what comes in the end, however busy the machine is.
  package static var long: HostPatience {
    var patience = HostPatience()
    patience.status = .seconds(3600)
    patience.idleWorker = .seconds(100_000)
    return patience
  }
}

/// Polls until `condition` holds; false when it does not within minutes, which only a failure takes.
package func eventually(_ condition: @Sendable () async throws -> Bool) async rethrows -> Bool {
  for _ in 0..<60_000 {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return false
}

/// A door in a scripted call: the test sees that somebody came, and says when they may go on.
package struct Gate: Sendable {
  /// Raised by the first who comes.
  package let reached = Signal()
  /// Raised by the test to let everybody pass.
  package let opened = Signal()

  /// A closed door.
  package init() {}

  /// Waits at the door; a cancelled caller goes on at once.
  package func pass() async {
    reached.raise()
    await opened.wait()
  }
}

/// Counts what happens in tasks.
package final class Counter: Sendable {
  private let value = Mutex(0)

  /// Nothing counted yet.
  package init() {}

  /// How often `next` was called.
  package var count: Int { value.withLock { $0 } }

  /// Counts one more, and returns how many there were before.
  @discardableResult
  package func next() -> Int {
    value.withLock { value in
      value += 1
      return value - 1
    }
  }
}
