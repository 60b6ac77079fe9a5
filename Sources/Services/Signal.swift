import Synchronization

/// An event that happens once and that any number of tasks may wait for.
public final class Signal: Sendable {
  private struct State {
    var isRaised = false
    var next = 0
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
  }
  private let state = Mutex(State())

  /// An event that has not happened.
  public init() {}

  /// Whether it has happened.
  public var isRaised: Bool { state.withLock { $0.isRaised } }

  /// Lets it happen; a second time does nothing.
  public func raise() {
    let waiting = state.withLock { state in
      state.isRaised = true
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    waiting.forEach { $0.resume() }
  }

  /// Returns when it has happened, or when the task is cancelled.
  public func wait() async {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isRaised || Task.isCancelled { return true }
          state.waiting[id] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
    }
  }
}
