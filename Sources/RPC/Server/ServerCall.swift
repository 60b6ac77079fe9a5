import Synchronization

/// One call as its server sees it: what every kind of method does, in bytes.
///
/// It holds the core's call only until the call has ended, so that a handler that does not notice the end keeps
/// nothing alive.
final class ServerCall: Sendable {
  private struct State {
    var handle: (any CallHandle)?
    var trailing = Metadata()
    var requestsEnded = false
    var cancelled = false
    var task: Task<Void, Never>?
  }

  let method: String
  let metadata: Metadata
  let peer: Peer
  let deadline: ContinuousClock.Instant?
  private let state: Mutex<State>
  private let sender: Sender
  private let receiver: Receiver

  init(
    _ handle: any CallHandle, method: String, metadata: Metadata, peer: Peer,
    deadline: ContinuousClock.Instant?
  ) {
    self.method = method
    self.metadata = metadata
    self.peer = peer
    self.deadline = deadline
    state = Mutex(State(handle: handle))
    sender = Sender(handle, sendsInitialMetadata: true)
    receiver = Receiver(handle)
  }

  /// Watches for the end of the call and runs `body`, whose task is cancelled when the call ends early.
  func run(_ body: @escaping @Sendable () async -> Void) {
    let handle = state.withLock { $0.handle }
    _ = handle?.start(Batch(.receiveClose)) { _ in self.ended(early: handle?.wasCancelled ?? false) }
    // The caller of `run` must not lend the handler its priority or its task-local values.
    let task = Task.detached { await body() }
    let cancelled = state.withLock { state in
      state.task = task
      return state.cancelled
    }
    if cancelled { task.cancel() }
  }

  private func ended(early: Bool) {
    let task = state.withLock { state in
      state.handle = nil
      state.cancelled = early
      defer { state.task = nil }
      return state.task
    }
    sender.end()
    receiver.end()
    if early { task?.cancel() }
  }

  /// Ends the call without a status from the handler, as when the server stops.
  func cancel() {
    state.withLock { $0.handle }?.cancel()
  }

  /// Whether the peer has disconnected or given up, or the deadline has passed.
  var isCancelled: Bool { state.withLock { $0.cancelled } }

  /// Why nothing more can be sent or received.
  private var goneError: RPCError {
    if let deadline, deadline <= .now {
      return RPCError(.deadlineExceeded, "the deadline of the call has passed")
    }
    return RPCError(.cancelled, "the call was cancelled or its connection was lost")
  }

  // MARK: Receiving

  /// The next request; nil after the peer has finished sending.
  ///
  /// Throws when the call has ended otherwise. When the waiting task is cancelled, what comes is kept for the next
  /// caller.
  ///
  /// - Parameter wantsMore: Whether a further request is expected.
  func receive(wantsMore: Bool = true) async throws(RPCError) -> RawMessage? {
    switch await receiver.next(wantsMore: wantsMore) {
    case .message(let message): return message
    case .cancelled: throw RPCError(.cancelled, "the task that waits for a request was cancelled")
    case .end(let ok):
      // An empty receive is the end of the requests only if nothing failed: an oversized message, a cut by the memory
      // quota and a lost connection all come as "ok" and empty.
      let isEnd = state.withLock { state in
        if ok, !state.cancelled { state.requestsEnded = true }
        return state.requestsEnded
      }
      guard isEnd else { throw goneError }
      return nil
    }
  }

  // MARK: Sending

  /// Sends what comes before the first message; throws if it was sent before.
  func sendInitialMetadata(_ metadata: Metadata) async throws(RPCError) {
    try metadata.check()
    switch await sender.sendInitialMetadata(metadata) {
    case .done: return
    case .failed, .refused: throw goneError
    case nil: throw RPCError(.failedPrecondition, "the initial metadata has already been sent")
    }
  }

  /// Sets what goes out with the status.
  func setTrailingMetadata(_ metadata: Metadata) throws(RPCError) {
    try metadata.check()
    state.withLock { $0.trailing = metadata }
  }

  /// Sends a message; returns when there is room for the next.
  func send(_ message: RawMessage) async throws(RPCError) {
    switch await sender.send(message) {
    case .accepted: return
    case .cancelled: throw RPCError(.cancelled, "the task that sends was cancelled")
    case .failed: throw goneError
    }
  }

  /// Runs tasks where messages of the call arrive; nil when it has ended or needs none.
  var executor: (any TaskExecutor)? { state.withLock { $0.handle }?.executor }

  /// Ends the call with a status of the server's own while its handler still runs; the handler's task is cancelled.
  func abort(_ status: RPCError) async {
    state.withLock { $0.task }?.cancel()
    await finish(nil, status)
  }

  /// Ends the call with a last message, if any, and a status; only the first time has an effect.
  func finish(_ message: RawMessage?, _ status: RPCError?) async {
    var batch = Batch(.sendStatus)
    if let message {
      batch.operations.insert(.sendMessage)
      batch.message = message
    }
    batch.trailing = state.withLock { $0.trailing }
    if let status { batch.set(status) }
    // A status that did not go out would leave the call open forever.
    if await sender.close(with: batch) == .failed { cancel() }
  }
}

extension Batch {
  /// Puts an error into the status, within what a peer accepts as trailers.
  fileprivate mutating func set(_ error: RPCError) {
    status = error.code
    statusMessage = error.message.cut(encodedBytes: Limits.statusMessageBytes)
    for entry in error.metadata.entries {
      switch entry.value {
      case .text(let text): trailing.append(entry.key, text)
      case .binary(let bytes): trailing.append(entry.key, binary: bytes)
      }
    }
    if let details = error.details, details.count <= Limits.statusDetailsBytes {
      trailing.append(Metadata.statusDetailsKey, binary: details)
    }
  }
}

extension String {
  /// The longest prefix whose percent-encoded form has at most `limit` bytes; ends in "..." if it was cut.
  func cut(encodedBytes limit: Int) -> String {
    func cost(_ scalar: Unicode.Scalar) -> Int {
      (0x20...0x7e).contains(scalar.value) && scalar != "%" ? 1 : 3 * String(scalar).utf8.count
    }
    var total = 0
    var kept = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      total += cost(scalar)
      if total > limit - 3 {
        if unicodeScalars.reduce(0, { $0 + cost($1) }) <= limit { return self }
        return String(kept) + "..."
      }
      kept.append(scalar)
    }
    return self
  }
}
