import CGRPC
import Concurrency
import Synchronization

/// What one batch does to a call; which fields matter follows from `operations`.
struct Batch {
  var operations: [cgrpc_operation]
  var waitForReady = false
  var initial = Metadata()
  var message: [UInt8]?
  var status = StatusCode.ok
  var statusMessage = ""
  var trailing = Metadata()

  init(_ operations: cgrpc_operation...) {
    self.operations = operations
  }
}

/// A call of the core's, kept until the last operation on it has ended and nobody holds this object.
final class CallHandle: Sendable {
  private let pointer: Mutex<CorePointer>

  init(taking pointer: CorePointer) {
    self.pointer = Mutex(pointer)
  }

  deinit {
    pointer.withLock { cgrpc_call_destroy($0.raw) }
  }

  /// Starts a batch; `done` gets whether it worked, on the queue's thread, unless this returns false.
  ///
  /// False means that the core refused: a second operation of a kind that is under way, or a call that has ended.
  func start(_ batch: Batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool {
    var raw = cgrpc_batch()
    for operation in batch.operations {
      raw.operations |= operation.rawValue
      switch operation {
      case CGRPC_SEND_INITIAL_METADATA: raw.initial = batch.initial.makeCore()
      case CGRPC_SEND_MESSAGE:
        raw.message = (batch.message ?? []).withUnsafeBufferPointer {
          cgrpc_bytes_create($0.baseAddress, $0.count)
        }
      case CGRPC_SEND_STATUS: raw.trailing = batch.trailing.makeCore()
      default: break
      }
    }
    raw.wait_for_ready = batch.waitForReady
    raw.status = batch.status.rawValue
    return Array(batch.statusMessage.utf8).withUnsafeBytes { text in
      raw.status_message = text.baseAddress?.assumingMemoryBound(to: CChar.self)
      raw.status_message_length = text.count
      // The closure holds the handle, so the call outlives whatever the core writes into it.
      return Operation.begin({ ok in withExtendedLifetime(self) { done(ok) } }) { tag in
        pointer.withLock { cgrpc_call_start($0.raw, &raw, tag) }
      }
    }
  }

  /// Starts a batch whose outcome can be awaited; a refused one has failed already.
  func start(_ batch: Batch) -> OneShot<Bool> {
    let result = OneShot<Bool>()
    if !start(batch, { result.resolve($0) }) { result.resolve(false) }
    return result
  }

  /// How a batch went.
  enum Outcome: Sendable {
    /// Everything in it worked.
    case done
    /// The call is ending; its status says why.
    case failed
    /// The core did not take it, which says nothing about the call.
    case refused
  }

  /// Runs a batch to its end; cancelling the task cancels the call, which ends the batch.
  func perform(_ batch: Batch) async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let started = start(batch) { ok in continuation.resume(returning: ok ? .done : .failed) }
        if !started { continuation.resume(returning: .refused) }
      }
    } onCancel: {
      cancel()
    }
  }

  /// Ends the call early: what is under way on it ends soon.
  ///
  /// Harmless after its end.
  func cancel() {
    pointer.withLock { cgrpc_call_cancel($0.raw) }
  }

  /// The message that the last receive brought; nil when it brought none or somebody took it.
  func takeMessage() -> [UInt8]? {
    let taken = pointer.withLock { CorePointer(cgrpc_call_take_message($0.raw)) }
    guard let message = taken?.raw else { return nil }
    defer { cgrpc_bytes_destroy(message) }
    return [UInt8](unsafeUninitializedCapacity: cgrpc_bytes_get_length(message)) { buffer, count in
      count = buffer.baseAddress.map { cgrpc_bytes_copy(message, $0, buffer.count) } ?? 0
    }
  }

  /// Whether an empty receive was an error rather than the end of the stream.
  var receiveFailed: Bool { pointer.withLock { cgrpc_call_get_receive_failed($0.raw) } }

  /// Server: whether the call ended before a status was sent.
  ///
  /// Valid once its close was received.
  var wasCancelled: Bool { pointer.withLock { cgrpc_call_get_cancelled($0.raw) } }

  /// Client: what the server sent first.
  ///
  /// Valid once received.
  var initialMetadata: Metadata {
    pointer.withLock { Metadata(core: cgrpc_call_get_initial_metadata($0.raw)) }
  }

  /// Client: how the call ended.
  ///
  /// Valid once the status was received.
  var status: RPCError {
    pointer.withLock { pointer in
      let call = pointer.raw
      var length = 0
      let text = cgrpc_call_get_status_message(call, &length)
      let message = String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
      var metadata = Metadata(core: cgrpc_call_get_trailing_metadata(call))
      let details = metadata.binary(Metadata.statusDetailsKey)
      metadata.remove(Metadata.statusDetailsKey)
      let code = StatusCode(rawValue: cgrpc_call_get_status(call)) ?? .unknown
      return RPCError(code, message, details: details, metadata: metadata)
    }
  }

  /// The other side's address as the core names it.
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
