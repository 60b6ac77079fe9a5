import CGRPC
import Concurrency
import Synchronization

extension Server {
  /// A place for the next call, in the core's memory.
  private final class Slot: @unchecked Sendable {
    // Holds: the core writes to it until its tag comes, then only the queue's thread reads it.
    let pointer: OpaquePointer
    init?() {
      guard let pointer = cgrpc_incoming_create() else { return nil }
      self.pointer = pointer
    }
    deinit { cgrpc_incoming_destroy(pointer) }
  }

  /// Asks the core for one more call.
  func postRequest() {
    guard let slot = Slot() else { return }
    state.withLock { state in
      guard let core = state.core else { return }
      _ = Operation.begin({ ok in
        // Not ok: the server is stopping.
        guard ok else { return }
        self.arrived(slot)
        self.postRequest()
      }) { tag in cgrpc_server_request_call(core.raw, slot.pointer, tag) }
    }
  }

  private func arrived(_ slot: Slot) {
    guard let pointer = CorePointer(cgrpc_incoming_take_call(slot.pointer)) else { return }
    let handle = CoreCall(taking: pointer)
    var length = 0
    let name = cgrpc_incoming_get_method(slot.pointer, &length)
    let left = cgrpc_incoming_get_time_left(slot.pointer)
    let call = ServerCall(
      handle,
      method: String(decoding: UnsafeRawBufferPointer(start: name, count: length), as: UTF8.self),
      metadata: Metadata(core: cgrpc_incoming_get_metadata(slot.pointer)),
      peer: peers.peer(address: handle.peer),
      deadline: left == .max ? nil : .now + .nanoseconds(left))
    let refusal: RPCError? = state.withLock { state in
      state.calls[ObjectIdentifier(call)] = call
      if state.phase != .running { return RPCError.stopping }
      if state.calls.count <= configuration.maxCalls { return nil }
      return RPCError(.resourceExhausted, "the server already has \(configuration.maxCalls) calls under way")
    }
    call.run {
      if let refusal {
        await call.finish(nil, refusal)
      } else {
        await self.routes.serve(call, admit: self.configuration.admit)
      }
      self.forget(call)
    }
  }

  private func forget(_ call: ServerCall) {
    let empty = state.withLock { state in
      state.calls[ObjectIdentifier(call)] = nil
      return state.calls.isEmpty
    }
    if empty { idle.withLock { $0 }?.resolve(true) }
  }
}
