import Synchronization

/// The receiving side of a call: once a message was asked for, the next one is fetched ahead of its reader.
final class Receiver: Sendable {
  /// What a reader gets.
  enum Outcome: Sendable {
    case message(RawMessage)
    /// No more will come; whether the last receive worked, which says nothing about the call.
    case end(ok: Bool)
    /// The task that reads was cancelled; what comes is kept for the next reader.
    case cancelled
  }

  private struct Reader {
    var id: Int
    var wantsMore: Bool
    var task: CheckedContinuation<Outcome, Never>
  }

  private struct State {
    var handle: (any CallHandle)?
    var fetched: RawMessage?
    var isFetching = false
    var end: Bool?
    var readers: [Reader] = []
    var nextID = 0

    /// What a reader gets at once; nil when it has to wait.
    mutating func outcome() -> Outcome? {
      if let message = fetched {
        fetched = nil
        return .message(message)
      }
      return end.map { .end(ok: $0) }
    }

    /// Claims the next receive; nil when none is to be started.
    mutating func claim() -> (any CallHandle)? {
      guard !isFetching, fetched == nil, end == nil, let handle else { return nil }
      isFetching = true
      return handle
    }
  }

  private let state: Mutex<State>

  init(_ handle: any CallHandle) {
    state = Mutex(State(handle: handle))
  }

  /// The next message.
  ///
  /// - Parameter wantsMore: Whether to fetch the one after it too.
  func next(wantsMore: Bool = true) async -> Outcome {
    if let (outcome, handle) = take(wantsMore) {
      if let handle { fetch(handle) }
      return outcome
    }
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { task in wait(Reader(id: id, wantsMore: wantsMore, task: task)) }
    } onCancel: {
      let task = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
        guard let index = state.readers.firstIndex(where: { $0.id == id }) else { return nil }
        return state.readers.remove(at: index).task
      }
      task?.resume(returning: .cancelled)
    }
  }

  private func take(_ wantsMore: Bool) -> (Outcome, (any CallHandle)?)? {
    state.withLock { state in
      state.outcome().map { ($0, wantsMore ? state.claim() : nil) }
    }
  }

  private func wait(_ reader: Reader) {
    let (outcome, handle) = state.withLock { state -> (Outcome?, (any CallHandle)?) in
      if let outcome = state.outcome() { return (outcome, reader.wantsMore ? state.claim() : nil) }
      // Its cancellation handler may have run before this point and found no reader to wake.
      if Task.isCancelled { return (.cancelled, nil) }
      // What is missing here comes from a call that has ended.
      guard state.isFetching || state.handle != nil else { return (.end(ok: false), nil) }
      state.readers.append(reader)
      return (nil, state.claim())
    }
    if let handle { fetch(handle) }
    if let outcome { reader.task.resume(returning: outcome) }
  }

  private func fetch(_ handle: any CallHandle) {
    if !handle.start(Batch(.receiveMessage), { self.arrived($0, handle) }) { arrived(false, handle) }
  }

  private func arrived(_ ok: Bool, _ handle: any CallHandle) {
    guard let message = handle.takeMessage() else { return finish(ok && !handle.receiveFailed) }
    let (reader, next) = state.withLock { state -> (Reader?, (any CallHandle)?) in
      state.isFetching = false
      guard !state.readers.isEmpty else {
        state.fetched = message
        return (nil, nil)
      }
      let reader = state.readers.removeFirst()
      let isWanted = reader.wantsMore || !state.readers.isEmpty
      return (reader, isWanted ? state.claim() : nil)
    }
    // The reader first: on this thread's executor it sends the message on before the next one is looked for.
    reader?.task.resume(returning: .message(message))
    if let next { fetch(next) }
  }

  private func finish(_ ok: Bool) {
    let readers = state.withLock { state in
      state.isFetching = false
      state.end = ok
      defer { state.readers = [] }
      return state.readers
    }
    for reader in readers { reader.task.resume(returning: .end(ok: ok)) }
  }

  /// Lets go of the call, which has ended; a receive under way still ends by itself.
  func end() {
    state.withLock { $0.handle = nil }
  }
}
