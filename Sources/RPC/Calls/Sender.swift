import Synchronization

/// The sending side of a call: batches go out in order, one at a time, with a few small messages queued behind.
///
/// A task that sends waits only while the queue is full, so the common case costs no suspension.
final class Sender: Sendable {
  /// What became of a message.
  enum Outcome: Sendable {
    /// It goes out unless the call ends first.
    case accepted
    /// The task that sends was cancelled before there was room.
    case cancelled
    /// The call is ending, or nothing more may be sent.
    case failed
  }

  fileprivate struct Entry {
    var batch: Batch
    /// The task that is held up until there is room for the message.
    var heldUp: (id: Int, task: CheckedContinuation<Outcome, Never>)?
    var done: (@Sendable (BatchOutcome) -> Void)?
    /// Whether it is tried even after a failure, as the status of a call is.
    var isFinal = false
  }

  fileprivate struct State {
    var handle: (any CallHandle)?
    var queue: [Entry] = []
    var queuedBytes = 0
    var isSending = false
    var isPumping = false
    var hasFailed = false
    var isClosed = false
    var sendsInitialMetadata: Bool
    var nextID = 0

    var canSend: Bool { handle != nil && !hasFailed && !isClosed }

    func hasRoom(for bytes: Int) -> Bool {
      if queue.isEmpty, !isSending { return true }
      return queue.last?.heldUp == nil && queue.count < Limits.queuedMessages
        && queuedBytes + bytes <= Limits.queuedBytes
    }

    mutating func append(_ entry: Entry) {
      var entry = entry
      if sendsInitialMetadata {
        entry.batch.operations.insert(.sendInitialMetadata)
        sendsInitialMetadata = false
      }
      if entry.heldUp == nil { queuedBytes += entry.batch.message?.count ?? 0 }
      queue.append(entry)
    }
  }

  private let state: Mutex<State>

  /// - Parameter sendsInitialMetadata: Whether the first batch carries it, unless it went out by itself.
  init(_ handle: any CallHandle, sendsInitialMetadata: Bool) {
    state = Mutex(State(handle: handle, sendsInitialMetadata: sendsInitialMetadata))
  }

  /// Sends a message; returns when there is room for the next.
  func send(_ message: RawMessage) async -> Outcome {
    if Task.isCancelled { return .cancelled }
    if let outcome = offer(message, nil) {
      pump()
      return outcome
    }
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { task in
        if let outcome = offer(message, (id, task)) { task.resume(returning: outcome) }
        pump()
      }
    } onCancel: {
      withdraw(id)
    }
  }

  /// What becomes of a message at once; nil when its task is held up, or would be.
  private func offer(_ message: RawMessage, _ sender: (id: Int, task: CheckedContinuation<Outcome, Never>)?)
    -> Outcome?
  {
    state.withLock { state in
      guard state.canSend else { return .failed }
      if state.hasRoom(for: message.count) {
        state.append(Entry(batch: Batch(sending: message)))
        return .accepted
      }
      guard let sender else { return nil }
      // Its cancellation handler may have run before this point and found nothing to withdraw.
      if Task.isCancelled { return .cancelled }
      state.append(Entry(batch: Batch(sending: message), heldUp: sender))
      return nil
    }
  }

  private func withdraw(_ id: Int) {
    let task = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
      guard let index = state.queue.firstIndex(where: { $0.heldUp?.id == id }) else { return nil }
      // Initial metadata that travels with the message must not be lost with it.
      if state.queue[index].batch.operations.contains(.sendInitialMetadata) {
        state.sendsInitialMetadata = true
      }
      return state.queue.remove(at: index).heldUp?.task
    }
    task?.resume(returning: .cancelled)
  }

  /// Sends the initial metadata by itself; nil if it was sent before.
  func sendInitialMetadata(_ metadata: Metadata) async -> BatchOutcome? {
    guard state.withLock({ $0.sendsInitialMetadata }) else { return nil }
    var batch = Batch(.sendInitialMetadata)
    batch.initial = metadata
    return await perform(batch)
  }

  /// Sends a batch behind everything that was accepted, and waits for its end.
  func perform(_ batch: Batch) async -> BatchOutcome {
    await enqueue(batch) { $0.canSend }
  }

  /// Sends the last batch of a call behind everything else, and waits for its end; nothing can be sent any more.
  func close(with batch: Batch) async -> BatchOutcome {
    await enqueue(batch, isFinal: true) { state in
      defer { state.isClosed = true }
      return state.handle != nil && !state.isClosed
    }
  }

  private func enqueue(
    _ batch: Batch, isFinal: Bool = false, _ isAllowed: @Sendable (inout State) -> Bool
  ) async -> BatchOutcome {
    await withCheckedContinuation { continuation in
      let isQueued = state.withLock { state in
        guard isAllowed(&state) else { return false }
        state.append(Entry(batch: batch, done: { continuation.resume(returning: $0) }, isFinal: isFinal))
        return true
      }
      if isQueued { pump() } else { continuation.resume(returning: .refused) }
    }
  }

  /// Lets go of the call, which has ended.
  func end() {
    let dropped = state.withLock { state in
      state.handle = nil
      return state.dropAll()
    }
    dropped.forEach { $0() }
  }
}

// MARK: - The queue

extension Sender {
  /// Starts batches as long as one is queued and none is under way.
  private func pump() {
    // Within the process a batch may end before its start returns: the loop that started it goes on then.
    var step = state.withLock { $0.isPumping ? nil : $0.next() }
    while let next = step {
      let done = next.entry.done
      let isStarted = next.handle.start(next.entry.batch) { self.ended(done, $0 ? .done : .failed) }
      if !isStarted { ended(done, .failed) }
      for task in next.admitted { task.resume(returning: .accepted) }
      step = state.withLock { $0.next() }
    }
  }

  private func ended(_ done: (@Sendable (BatchOutcome) -> Void)?, _ outcome: BatchOutcome) {
    let dropped = state.withLock { state -> [@Sendable () -> Void] in
      state.isSending = false
      if outcome == .done { return [] }
      state.hasFailed = true
      return state.dropAll()
    }
    done?(outcome)
    dropped.forEach { $0() }
    pump()
  }
}

extension Sender.State {
  /// What a turn of the loop does.
  fileprivate struct Step {
    var handle: any CallHandle
    var entry: Sender.Entry
    /// Tasks that were held up and for whose messages there is now room.
    var admitted: [CheckedContinuation<Sender.Outcome, Never>]
  }

  /// Takes the next batch to start; marks the loop as over when there is none.
  fileprivate mutating func next() -> Step? {
    guard !isSending, !queue.isEmpty, let handle else {
      isPumping = false
      return nil
    }
    let entry = queue.removeFirst()
    isSending = true
    isPumping = true
    if entry.heldUp == nil { queuedBytes -= entry.batch.message?.count ?? 0 }
    return Step(handle: handle, entry: entry, admitted: (entry.heldUp.map { [$0.task] } ?? []) + admit())
  }

  /// Accepts the messages that were held up, as far as there is room.
  private mutating func admit() -> [CheckedContinuation<Sender.Outcome, Never>] {
    var admitted: [CheckedContinuation<Sender.Outcome, Never>] = []
    for index in queue.indices.prefix(Limits.queuedMessages) {
      guard let (_, task) = queue[index].heldUp else { continue }
      let bytes = queue[index].batch.message?.count ?? 0
      if queuedBytes + bytes > Limits.queuedBytes { break }
      queue[index].heldUp = nil
      queuedBytes += bytes
      admitted.append(task)
    }
    return admitted
  }

  /// Drops what is queued, except for a final batch of a call that lives.
  fileprivate mutating func dropAll() -> [@Sendable () -> Void] {
    let dropped = queue.filter { !$0.isFinal || handle == nil }
    queue.removeAll { !$0.isFinal || handle == nil }
    queuedBytes = queue.reduce(0) { $0 + ($1.batch.message?.count ?? 0) }
    return dropped.map { entry in
      { @Sendable in
        entry.heldUp?.task.resume(returning: .failed)
        entry.done?(.failed)
      }
    }
  }
}
