import Concurrency
import Synchronization

/// One call as its server sees it: what every kind of method does, in bytes.
///
/// It holds the core's call only until the call has ended, so that a handler that does not notice keeps nothing alive.
final class ServerCall: Sendable {
  private struct State {
    var handle: (any CallHandle)?
    var initial: Metadata?
    var initialSent = false
    var trailing = Metadata()
    var sending: OneShot<Bool>?
    var receiving: OneShot<Bool>?
    var requestsEnded = false
    var cancelled = false
    var finished = false
    var task: Task<Void, Never>?
  }

  let method: String
  let metadata: Metadata
  let peer: Peer
  let deadline: ContinuousClock.Instant?
  private let state: Mutex<State>
  private let sendTurn = Turnstile()
  private let receiveTurn = Turnstile()

  init(
    _ handle: any CallHandle, method: String, metadata: Metadata, peer: Peer,
    deadline: ContinuousClock.Instant?
  ) {
    self.method = method
    self.metadata = metadata
    self.peer = peer
    self.deadline = deadline
    state = Mutex(State(handle: handle))
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
    if early { task?.cancel() }
  }

  /// Ends the call without a status of ours, such as when the server stops.
  func cancel() {
    state.withLock { $0.handle }?.cancel()
  }

  /// Whether the peer has gone or given up, or the deadline has passed.
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
  /// Throws when the call has ended otherwise.
  ///
  /// When the waiting task is cancelled, the receive goes on and what it brings is kept for the next caller.
  func receive() async throws(RPCError) -> RawMessage? {
    await receiveTurn.enter()
    defer { receiveTurn.leave() }
    let (handle, earlier, ended) = state.withLock { ($0.handle, $0.receiving, $0.requestsEnded) }
    if ended { return nil }
    guard let handle else { throw goneError }
    let pending = earlier ?? handle.start(Batch(.receiveMessage))
    state.withLock { $0.receiving = pending }
    guard let ok = await pending.wait() else {
      throw RPCError(.cancelled, "the task that waits was cancelled")
    }
    state.withLock { $0.receiving = nil }
    if let message = handle.takeMessage() { return message }
    // An empty receive is the end of the requests only if nothing failed: an oversized message, a cut by the memory
    // quota and a lost connection all come as "ok" and empty.
    guard ok, !handle.receiveFailed, !isCancelled else { throw goneError }
    state.withLock { $0.requestsEnded = true }
    return nil
  }

  // MARK: Sending

  /// Sets what goes out before the first message; throws when it has gone.
  func sendInitialMetadata(_ metadata: Metadata) async throws(RPCError) {
    try metadata.check()
    guard !state.withLock({ $0.initialSent }) else {
      throw RPCError(.failedPrecondition, "the initial metadata has been sent")
    }
    var batch = Batch(.sendInitialMetadata)
    batch.initial = metadata
    try await perform(batch)
  }

  /// Sets what goes out with the status.
  func setTrailingMetadata(_ metadata: Metadata) throws(RPCError) {
    try metadata.check()
    state.withLock { $0.trailing = metadata }
  }

  /// Sends a message; returns when there is room for the next.
  func send(_ message: RawMessage) async throws(RPCError) {
    try await perform(Batch(sending: message))
  }

  private func perform(_ batch: Batch) async throws(RPCError) {
    await sendTurn.enter()
    defer { sendTurn.leave() }
    // A send whose task was cancelled may still be under way.
    if let earlier = state.withLock({ $0.sending }) {
      guard await earlier.wait() != nil else {
        throw RPCError(.cancelled, "the task that sends was cancelled")
      }
    }
    let pending = start(batch)
    guard let pending else { throw goneError }
    guard let ok = await pending.wait() else {
      throw RPCError(.cancelled, "the task that sends was cancelled")
    }
    guard ok else { throw goneError }
  }

  /// Starts a sending batch, with the initial metadata in front if it has not gone yet.
  private func start(_ batch: Batch) -> OneShot<Bool>? {
    var batch = batch
    let handle = state.withLock { state in
      if !state.initialSent { batch.operations.insert(.sendInitialMetadata) }
      state.initialSent = true
      return state.handle
    }
    // Not under the lock: what it carries may end before `start` returns.
    let pending = handle?.start(batch)
    state.withLock { $0.sending = pending }
    return pending
  }

  /// Ends the call with a status of the server's own while its handler still runs; the handler's task is cancelled.
  func abort(_ status: RPCError) async {
    state.withLock { $0.task }?.cancel()
    await finish(nil, status)
  }

  /// Ends the call with a last message, if any, and a status; only the first time has an effect.
  func finish(_ message: RawMessage?, _ status: RPCError?) async {
    let first = state.withLock { state in
      defer { state.finished = true }
      return !state.finished
    }
    guard first else { return }
    await sendTurn.enter()
    defer { sendTurn.leave() }
    if let earlier = state.withLock({ $0.sending }) { _ = await earlier.waitToEnd() }
    var batch = Batch(.sendStatus)
    if let message {
      batch.operations.insert(.sendMessage)
      batch.message = message
    }
    batch.trailing = state.withLock { $0.trailing }
    if let status { batch.set(status) }
    if let pending = start(batch) {
      // A refused status would leave the call open for ever.
      if !(await pending.waitToEnd()) { cancel() }
    }
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
  /// The longest start whose percent-encoded form has at most so many bytes; marked with "..." when cut.
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
