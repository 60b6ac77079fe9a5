import Synchronization

extension InProcessCall {
  /// Starts a batch of the server's.
  private func startServer(_ batch: Batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool {
    let operations = batch.operations
    return update { state in
      let sends: Operations = [.sendInitialMetadata, .sendMessage, .sendStatus]
      if !operations.isDisjoint(with: sends), state.responses.isClosed || state.responses.isBroken {
        return false
      }
      if operations.contains(.sendMessage), state.responses.isBlocked { return false }
      if operations.contains(.receiveMessage), state.requests.hasReader { return false }
      let pending = InProcessBatch(operations, done)
      if operations.contains(.sendInitialMetadata) {
        state.sendInitial(batch.initial.sendable)
        pending.end(true, &state.effects)
      }
      if operations.contains(.sendMessage), let message = batch.message {
        state.send(message, pending, \.responses, limit: responseLimit)
      }
      if operations.contains(.sendStatus) {
        let isAborted = state.wasAborted
        if !isAborted { state.finish(batch) }
        pending.end(!isAborted, &state.effects)
      }
      if operations.contains(.receiveMessage) { state.requests.receive(pending, &state.effects) }
      if operations.contains(.receiveClose) { state.closeReader = pending }
      return true
    }
  }

  /// What the server holds.
  final class ServerSide: CallHandle {
    private let call: InProcessCall

    init(_ call: InProcessCall) {
      self.call = call
      InProcessCall.liveSides.add(1, ordering: .relaxed)
    }

    deinit { InProcessCall.liveSides.subtract(1, ordering: .relaxed) }

    func start(_ batch: Batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool {
      call.startServer(batch) { ok in withExtendedLifetime(self) { done(ok) } }
    }
    func cancel() { call.abort(RPCError(.cancelled, "CANCELLED")) }
    func takeMessage() -> RawMessage? { call.read { $0.requests.take() } }
    var executor: (any TaskExecutor)? { nil }
    var receiveFailed: Bool { call.read { $0.requests.isBroken } }
    var wasCancelled: Bool { call.read { $0.wasAborted } }
    var initialMetadata: Metadata { Metadata() }
    var status: RPCError { call.read { $0.status ?? RPCError(.unknown, "") } }
  }
}
