import Synchronization

/// Lets one task through at a time, in order of arrival; cancellation does not end the wait.
public final class Turnstile: Sendable {
  private struct State {
    var isBusy = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// A turnstile that nobody has passed.
  public init() {}

  /// Waits for the turn; every `enter` needs a `leave`.
  public func enter() async {
    if tryEnter() { return }
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isBusy { state.waiting.append(continuation) }
        defer { state.isBusy = true }
        return !state.isBusy
      }
      if isFree { continuation.resume() }
    }
  }

  /// Takes the turn if nobody has it; false, and no turn, otherwise.
  public func tryEnter() -> Bool {
    state.withLock { state in
      defer { state.isBusy = true }
      return !state.isBusy
    }
  }

  /// Gives the turn to the task that has waited longest.
  public func leave() {
    let next: CheckedContinuation<Void, Never>? = state.withLock { state in
      if state.waiting.isEmpty {
        state.isBusy = false
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}
