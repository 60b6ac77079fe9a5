import Synchronization

/// Lets one task through at a time, in the order of arrival; the core takes one send and one receive a call at a time.
final class Turnstile: Sendable {
  private struct State {
    var busy = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Waits for the turn; every `enter` needs a `leave`.
  func enter() async {
    let free = state.withLock { state in
      defer { state.busy = true }
      return !state.busy
    }
    if free { return }
    await withCheckedContinuation { continuation in
      let free = state.withLock { state in
        if state.busy {
          state.waiting.append(continuation)
          return false
        }
        state.busy = true
        return true
      }
      if free { continuation.resume() }
    }
  }

  /// Gives the turn to the next.
  func leave() {
    let next: CheckedContinuation<Void, Never>? = state.withLock { state in
      if state.waiting.isEmpty {
        state.busy = false
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}
