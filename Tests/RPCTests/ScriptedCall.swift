import Synchronization

@testable import RPC

/// A call that does nothing by itself: the test ends its batches and gives it messages.
final class ScriptedCall: CallHandle {
  struct Started {
    var batch: Batch
    var done: @Sendable (Bool) -> Void
  }

  private struct State {
    var started: [Started] = []
    var isRefusing = false
    var endsAtOnce = false
    var message: RawMessage?
  }

  private let state = Mutex(State())

  init(endsAtOnce: Bool = false) {
    state.withLock { $0.endsAtOnce = endsAtOnce }
  }

  /// The batches under way, oldest first.
  var underWay: [Batch] { state.withLock { $0.started.map(\.batch) } }

  func refuse() { state.withLock { $0.isRefusing = true } }

  /// Ends the oldest batch under way; a receive brings `message`.
  func end(_ ok: Bool = true, message: [UInt8]? = nil) {
    let first = state.withLock { state in
      state.message = message.map { RawMessage($0) }
      return state.started.removeFirst()
    }
    first.done(ok)
  }

  func start(_ batch: Batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool {
    let (isStarted, endsAtOnce) = state.withLock { state in
      guard !state.isRefusing else { return (false, false) }
      if !state.endsAtOnce { state.started.append(Started(batch: batch, done: done)) }
      return (true, state.endsAtOnce)
    }
    if endsAtOnce { done(true) }
    return isStarted
  }

  func takeMessage() -> RawMessage? {
    state.withLock { state in
      defer { state.message = nil }
      return state.message
    }
  }

  func cancel() {}
  var receiveFailed: Bool { false }
  var wasCancelled: Bool { false }
  var initialMetadata: Metadata { Metadata() }
  var status: RPCError { RPCError(.unknown, "") }
  var executor: (any TaskExecutor)? { nil }
}
