import Synchronization

/// A value that is set once, and any number of tasks that wait for it.
public final class OneShot<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    /// Tasks whose cancellation ends the wait, in order of arrival.
    var waiters: [(id: Int, continuation: CheckedContinuation<Value?, Never>)] = []
    /// Tasks that wait whether or not they are cancelled, in order of arrival.
    var patient: [CheckedContinuation<Value, Never>] = []
    var next = 0
  }

  private let state = Mutex(State())

  /// A value that has not been set.
  public init() {}

  /// The value; nil before it is set.
  public var value: Value? { state.withLock { $0.value } }

  /// Sets the value and wakes every waiting task; false, and no effect, if it was set before.
  @discardableResult
  public func resolve(_ value: Value) -> Bool {
    let before: State? = state.withLock { state in
      guard state.value == nil else { return nil }
      defer { state = State(value: value) }
      return state
    }
    guard let before else { return false }
    for waiter in before.waiters { waiter.continuation.resume(returning: value) }
    for continuation in before.patient { continuation.resume(returning: value) }
    return true
  }

  /// Waits for the value; nil if the waiting task is cancelled first.
  public func wait() async -> Value? {
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
          state.waiters.append((id, continuation))
          return nil
        }
        if let now { continuation.resume(returning: now) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Value?, Never>? in
        guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return state.waiters.remove(at: index).continuation
      }
      waiter?.resume(returning: nil)
    }
  }

  /// Waits for the value even when the waiting task is cancelled; only for values that are sure to come.
  public func waitToEnd() async -> Value {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state in
        if state.value == nil { state.patient.append(continuation) }
        return state.value
      }
      if let now { continuation.resume(returning: now) }
    }
  }

  /// Waits for the value for at most `time`, whether or not the waiting task is cancelled; nil when the time is up.
  public func wait(atMost time: Duration) async -> Value? {
    if let value { return value }
    let first = OneShot<Value?>()
    let waiter = Task.detached { if let value = await self.wait() { first.resolve(value) } }
    let alarm = Task.detached {
      try? await Task.sleep(for: time)
      first.resolve(nil)
    }
    defer {
      waiter.cancel()
      alarm.cancel()
    }
    return await first.waitToEnd()
  }
}
