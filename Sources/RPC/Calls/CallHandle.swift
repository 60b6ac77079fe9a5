/// One side of a call, whatever carries it: batches of operations go in, their ends come out.
///
/// Each operation may be under way once at a time.
protocol CallHandle: AnyObject, Sendable {
  /// Starts a batch; `done` gets whether it worked, on any thread, unless this returns false.
  ///
  /// False means that it was refused: an operation of it is under way already, or the call has ended.
  func start(_ batch: Batch, _ done: @escaping @Sendable (Bool) -> Void) -> Bool

  /// Ends the call early: what is under way on it ends soon; harmless after its end.
  func cancel()

  /// The message that the last receive brought; nil when it brought none or it was taken.
  func takeMessage() -> RawMessage?

  /// Whether an empty receive was an error rather than the end of the stream.
  var receiveFailed: Bool { get }

  /// Server: whether the call ended before a status was sent; valid once its close was received.
  var wasCancelled: Bool { get }

  /// Client: what the server sent before its first response; valid once received.
  var initialMetadata: Metadata { get }

  /// Client: how the call ended; valid once the status was received.
  var status: RPCError { get }

  /// Runs tasks where messages arrive; nil when they arrive on the sender's own thread.
  var executor: (any TaskExecutor)? { get }
}

extension CallHandle {
  /// Runs a batch to its end; cancelling the task cancels the call, which ends the batch.
  func perform(_ batch: Batch) async -> BatchOutcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let started = start(batch) { ok in continuation.resume(returning: ok ? .done : .failed) }
        if !started { continuation.resume(returning: .refused) }
      }
    } onCancel: {
      cancel()
    }
  }
}

/// How a batch went.
enum BatchOutcome: Sendable {
  /// Everything in it worked.
  case done
  /// The call is ending; its status says why.
  case failed
  /// It was not started, which says nothing about the call.
  case refused
}
