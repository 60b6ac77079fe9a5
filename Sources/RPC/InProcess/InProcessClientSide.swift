import Synchronization

extension InProcessCall {
  /// Starts a batch of the client's.
  private func startClient(_ batch: Batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool {
    let operations = batch.operations
    return update { state in
      if operations.contains(.sendMessage), state.requests.isClosed || state.requests.isBlocked {
        return false
      }
      if operations.contains(.sendClose), state.requests.isClosed { return false }
      if operations.contains(.receiveMessage), state.responses.hasReader { return false }
      let pending = InProcessBatch(operations, done)
      if operations.contains(.sendInitialMetadata) {
        begin(batch.initial.sendable, &state)
        pending.end(true, &state.effects)
      }
      if operations.contains(.sendMessage), let message = batch.message {
        state.send(message, pending, \.requests, limit: requestLimit)
      }
      if operations.contains(.sendClose) {
        state.requests.close(&state.effects)
        pending.end(!state.isOver, &state.effects)
      }
      if operations.contains(.receiveInitialMetadata) {
        if state.initial != nil || state.isOver {
          pending.end(state.initial != nil, &state.effects)
        } else {
          state.initialReader = pending
        }
      }
      if operations.contains(.receiveMessage) { state.responses.receive(pending, &state.effects) }
      // `update` ends it at once if the call is over.
      if operations.contains(.receiveStatus) { state.statusReader = pending }
      return true
    }
  }

  private func begin(_ metadata: Metadata, _ state: inout State) {
    guard !state.hasBegun, !state.isOver else { return }
    state.hasBegun = true
    if let timeout {
      guard timeout > .zero else { return state.abort(.deadlinePassed) }
      // A longer sleep than any process lives would overflow a clock.
      let sleep = min(timeout, .seconds(1 << 31))
      state.alarm = Task.detached { [weak self] in
        if (try? await Task.sleep(for: sleep)) != nil { self?.abort(.deadlinePassed) }
      }
    }
    let serve = serve
    let side = ServerSide(self)
    state.effects.append { serve(side, metadata) }
  }

  /// What the client holds.
  final class ClientSide: CallHandle {
    private let call: InProcessCall

    init(_ call: InProcessCall) {
      self.call = call
      InProcessCall.liveSides.add(1, ordering: .relaxed)
    }

    deinit { InProcessCall.liveSides.subtract(1, ordering: .relaxed) }

    func start(_ batch: Batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool {
      call.startClient(batch) { ok in withExtendedLifetime(self) { done(ok) } }
    }
    func cancel() { call.abort(RPCError(.cancelled, "CANCELLED")) }
    func takeMessage() -> RawMessage? { call.read { $0.responses.take() } }
    var executor: (any TaskExecutor)? { nil }
    var receiveFailed: Bool { call.read { $0.wasAborted } }
    var wasCancelled: Bool { call.read { $0.wasAborted } }
    var initialMetadata: Metadata { call.read { $0.initial ?? Metadata() } }
    var status: RPCError { call.read { $0.status ?? RPCError(.unknown, "") } }
  }
}
