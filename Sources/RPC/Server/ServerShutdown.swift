import CGRPC
import Concurrency
import Synchronization

extension Server {
  /// Stops accepting at once, waits up to `drain` for the calls under way, then cancels the rest.
  ///
  /// Returns when every connection is closed and the socket file is removed. May be called repeatedly and by several
  /// tasks.
  public func shutdown(drain: Duration) async {
    let before = state.withLock { state in
      defer { if state.phase != .stopped { state.phase = .stopping } }
      return state.phase
    }
    switch before {
    case .new: break
    // A start may be half way; what it opens must not outlive the shutdown.
    case .running: _ = await opened.waitToEnd()
    case .stopping, .stopped: return await waitUntilStopped()
    }
    let acceptor = state.withLock { $0.acceptor }
    await acceptor?.stopAccepting()
    state.withLock { $0.socketPath = nil }
    await stopCore(drain: drain)
    await acceptor?.stop()
    state.withLock { state in
      state.acceptor = nil
      state.phase = .stopped
    }
    stopped.resolve(true)
  }

  /// Waits for the end of a `shutdown`.
  public func waitUntilStopped() async {
    _ = await stopped.waitToEnd()
  }

  private func stopCore(drain: Duration) async {
    guard state.withLock({ $0.core != nil }) else { return }
    // The core is told only when the calls are over: once told, it closes a connection at the end of the last call on
    // it, and a client that writes at that moment loses what it has not read. Until then we refuse new calls.
    await waitForCalls(drain)
    let late = state.withLock { Array($0.calls.values) }
    for call in late { Task.detached { await call.abort(.stopping) } }
    if !late.isEmpty { await waitForCalls(Limits.goodbye) }
    let closed = OneShot<Bool>()
    withCore { core in
      _ = Operation.begin({ _ in closed.resolve(true) }) { tag in
        cgrpc_server_shutdown(core, tag)
        return true
      }
    }
    // The core asks each client whether it has read everything, then closes; clients that do not answer are cut.
    _ = await closed.wait(atMost: Limits.goodbye)
    withCore { cgrpc_server_cancel_all($0) }
    _ = await closed.waitToEnd()
    let core = state.withLock { state in
      defer { state.core = nil }
      return state.core
    }
    if let core { cgrpc_server_destroy(core.raw) }
  }

  private func withCore(_ body: (OpaquePointer) -> Void) {
    state.withLock { state in
      if let core = state.core { body(core.raw) }
    }
  }

  private func waitForCalls(_ drain: Duration) async {
    let none = OneShot<Bool>()
    idle.withLock { $0 = none }
    if callCount == 0 { none.resolve(true) }
    _ = await none.wait(atMost: drain)
  }
}
