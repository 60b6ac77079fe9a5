import Concurrency
import Synchronization

/// One call as its client sees it: what every kind of call does, in bytes.
///
/// Streams and writers hold it; operations under way hold only the handle. When the last of them lets go, the call is
/// cancelled, which has no effect on a call that has ended.
final class ClientCall: Sendable {
  private let handle: any CallHandle
  private let ended = OneShot<RPCError>()
  private let started = OneShot<Bool>()
  private let sendFailed = Atomic(false)
  private let sender: Sender
  private let receiver: Receiver

  /// Creates and starts a call; `request` is its only one when given.
  init(_ channel: Channel, path: String, _ options: CallOptions, request: RawMessage?) throws(RPCError) {
    handle = try channel.makeCall(path, options)
    sender = Sender(handle, sendsInitialMetadata: false)
    receiver = Receiver(handle)
    var batch = Batch(.sendInitialMetadata)
    if request != nil { batch.operations.formUnion([.sendMessage, .sendClose]) }
    batch.initial = options.metadata
    batch.waitForReady = options.waitForReady
    batch.message = request
    // The status comes whatever happens to the rest, so it alone says that the call is over.
    let (handle, ended, started) = (handle, ended, started)
    let waits = handle.start(Batch(.receiveStatus)) { _ in
      channel.forget(handle)
      ended.resolve(handle.status)
      started.resolve(false)
    }
    if !waits { ended.resolve(RPCError(.internal, "the call could not be started")) }
    if !handle.start(batch, { _ in }) { handle.cancel() }
    if !handle.start(Batch(.receiveInitialMetadata), { started.resolve($0) }) {
      started.resolve(false)
    }
  }

  deinit { handle.cancel() }

  /// Ends the call early.
  func cancel() { handle.cancel() }

  /// The status, also when it is `.ok`; nil while the call goes on.
  var statusIfEnded: RPCError? { ended.value }

  /// Whether a send has failed since the call was ending, rather than through a mistake of the sender.
  var hasSendFailed: Bool { sendFailed.load(ordering: .sequentiallyConsistent) }

  /// Waits for the end of the call, which comes only after the last response was received.
  func status() async -> RPCError {
    await withTaskCancellationHandler {
      await ended.waitToEnd()
    } onCancel: {
      handle.cancel()
    }
  }

  /// What the server sent before its first message; empty when it sent only a status.
  func initialMetadata() async -> Metadata {
    let came = await withTaskCancellationHandler {
      await started.waitToEnd()
    } onCancel: {
      handle.cancel()
    }
    return came ? handle.initialMetadata : Metadata()
  }

  /// Sends one message; returns when there is room for the next.
  func send(_ message: RawMessage) async throws(RPCError) {
    switch await sender.send(message) {
    case .accepted: return
    case .cancelled: handle.cancel()
    case .failed: break
    }
    throw failedSend()
  }

  /// Says that no more requests follow; returns when the core has accepted that.
  func closeSending() async throws(RPCError) {
    let outcome = await withTaskCancellationHandler {
      await sender.close(with: Batch(.sendClose))
    } onCancel: {
      handle.cancel()
    }
    if outcome != .done { throw failedSend() }
  }

  private func failedSend() -> RPCError {
    sendFailed.store(true, ordering: .sequentiallyConsistent)
    // The core gives the status out only after the last response was received, so it must not be waited for here.
    if let status = ended.value, status.code != .ok { return status }
    return RPCError(.cancelled, "the call has ended; its responses tell how")
  }

  /// The next message; nil after the last of a call that worked.
  func receive() async throws(RPCError) -> RawMessage? {
    switch await receiver.next() {
    case .message(let message): return message
    case .cancelled: handle.cancel()
    case .end: break
    }
    let status = await self.status()
    if status.code == .ok { return nil }
    throw status
  }
}
