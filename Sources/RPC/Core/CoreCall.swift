import CGRPC
import Synchronization

/// A call in the core, kept until the last operation on it has ended and nothing refers to this object.
final class CoreCall: CallHandle {
  private let pointer: Mutex<CorePointer>

  init(taking pointer: CorePointer) {
    self.pointer = Mutex(pointer)
  }

  deinit {
    pointer.withLock { cgrpc_call_destroy($0.raw) }
  }

  func start(_ batch: Batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool {
    var raw = cgrpc_batch()
    raw.operations = batch.operations.rawValue
    if batch.operations.contains(.sendMessage) { raw.message = (batch.message ?? RawMessage([])).makeCore() }
    if batch.operations.contains(.sendInitialMetadata) {
      raw.initial = batch.initial.makeCore()
      raw.wait_for_ready = batch.waitForReady
    }
    guard batch.operations.contains(.sendStatus) else { return start(&raw, done) }
    raw.trailing = batch.trailing.makeCore()
    raw.status = batch.status.rawValue
    return Array(batch.statusMessage.utf8).withUnsafeBytes { text in
      raw.status_message = text.baseAddress?.assumingMemoryBound(to: CChar.self)
      raw.status_message_length = text.count
      return start(&raw, done)
    }
  }

  private func start(_ batch: inout cgrpc_batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool {
    // The closure holds the handle, so the call outlives whatever the core writes into it.
    Operation.begin({ ok in withExtendedLifetime(self) { done(ok) } }) { tag in
      pointer.withLock { cgrpc_call_start($0.raw, &batch, tag) }
    }
  }

  func cancel() {
    pointer.withLock { cgrpc_call_cancel($0.raw) }
  }

  func takeMessage() -> RawMessage? {
    let taken = pointer.withLock { CorePointer(cgrpc_call_take_message($0.raw)) }
    return taken.map { RawMessage(taking: $0.raw) }
  }

  var receiveFailed: Bool { pointer.withLock { cgrpc_call_get_receive_failed($0.raw) } }

  var wasCancelled: Bool { pointer.withLock { cgrpc_call_get_cancelled($0.raw) } }

  var initialMetadata: Metadata {
    pointer.withLock { Metadata(core: cgrpc_call_get_initial_metadata($0.raw)) }
  }

  var status: RPCError {
    pointer.withLock { pointer in
      let call = pointer.raw
      var length = 0
      let text = cgrpc_call_get_status_message(call, &length)
      let message = String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
      return RPCError(
        code: StatusCode(rawValue: cgrpc_call_get_status(call)) ?? .unknown, message: message,
        trailing: Metadata(core: cgrpc_call_get_trailing_metadata(call)))
    }
  }

  var executor: (any TaskExecutor)? { CallExecutor(self) }

  /// The other side's address as the core names it, such as `fd:12`.
  var peer: String {
    pointer.withLock { call in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let base = buffer.baseAddress else { return "" }
        let length = cgrpc_call_copy_peer(call.raw, base, buffer.count)
        return String(decoding: UnsafeRawBufferPointer(start: base, count: length), as: UTF8.self)
      }
    }
  }
}
