import Synchronization

/// A value that comes once, and any number of tasks that wait for it.
final class OneShot<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
    var patient: [CheckedContinuation<Value, Never>] = []
    var next = 0
  }

  private let state = Mutex(State())

  /// The value if it has come.
  var value: Value? { state.withLock { $0.value } }

  /// Sets the value unless it has come already, and wakes all who wait.
  func resolve(_ value: Value) {
    let before: State? = state.withLock { state in
      guard state.value == nil else { return nil }
      defer { state = State(value: value) }
      return state
    }
    guard let before else { return }
    for waiter in before.waiters.values { waiter.resume(returning: value) }
    for waiter in before.patient { waiter.resume(returning: value) }
  }

  /// Waits for the value; nil when the waiting task is cancelled first.
  func wait() async -> Value? {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let now: Value?? = state.withLock { state in
          if let value = state.value { return .some(value) }
          // The cancellation handler may have run before this point and found no waiter to wake.
          if Task.isCancelled { return .some(nil) }
          state.waiters[id] = continuation
          return nil
        }
        if let now { continuation.resume(returning: now) }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
    }
  }

  /// Waits for the value even when the waiting task is cancelled; only for values that are sure to come soon.
  func waitToEnd() async -> Value {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state in
        if state.value == nil { state.patient.append(continuation) }
        return state.value
      }
      if let now { continuation.resume(returning: now) }
    }
  }
}
