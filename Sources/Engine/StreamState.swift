import Concurrency
import Synchronization

/// What the engine's thread and a reader share of one stream: a few buffered elements, and who waits for whom.
final class StreamState<Element: Sendable>: Sendable {
  /// What a reader gets.
  enum Outcome: Sendable {
    case element(Element)
    case end
    case failure(EngineError)
  }

  private struct State {
    var buffer: [Element] = []
    /// Scores of the prompt's tokens.
    var prompt: [TokenScore] = []
    var first = 0
    var delivered = 0
    var demand: Demand?
    var end: Result<EngineFinish, EngineError>?
    var reader: CheckedContinuation<Outcome, Never>?

    var count: Int { buffer.count - first }

    mutating func take() -> Element {
      let element = buffer[first]
      first += 1
      delivered += 1
      if first == buffer.count { clear() }
      return element
    }

    mutating func clear() {
      buffer.removeAll(keepingCapacity: true)
      first = 0
    }

    /// What a reader gets now; nil when it has to wait.
    mutating func outcome() -> Outcome? {
      if demand == .abandoned { return .failure(.cancelled) }
      if count > 0 { return .element(take()) }
      switch end {
      case .success: return .end
      case .failure(let error): return .failure(error)
      case nil: return nil
      }
    }
  }

  private let state = Mutex(State())
  private let capacity: Int
  private let doorbell: Doorbell

  init(capacity: Int, doorbell: Doorbell) {
    self.capacity = capacity
    self.doorbell = doorbell
  }
}

// MARK: - The engine's side

extension StreamState: StreamControl {
  /// What the reader wants.
  var demand: Demand {
    state.withLock { $0.demand ?? ($0.count >= capacity ? .full : .ready) }
  }

  /// Whether the reader has read everything.
  var isEmpty: Bool { state.withLock { $0.count == 0 } }

  /// Whether it was ended.
  var hasEnded: Bool { state.withLock { $0.end != nil } }

  /// Delivers an element, unless the reader has stopped or left.
  func push(_ element: Element) {
    let reader = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
      guard state.demand == nil else { return nil }
      if let reader = state.reader {
        state.reader = nil
        state.delivered += 1
        return reader
      }
      state.buffer.append(element)
      return nil
    }
    reader?.resume(returning: .element(element))
  }

  /// Delivers the scores of the prompt, before the first element or the end.
  func push(prompt: [TokenScore]) { state.withLock { $0.prompt = prompt } }

  /// Ends the stream, once; what is buffered can still be read.
  func end(_ end: Result<EngineFinish, EngineError>) {
    let (reader, outcome) = state.withLock { state -> (CheckedContinuation<Outcome, Never>?, Outcome) in
      guard state.end == nil else { return (nil, .end) }
      state.end = end
      if case .success(var finish) = end, state.demand == .stopped {
        finish.reason = .stopped
        finish.trace = nil
        finish.generatedTokens = state.delivered
        state.end = .success(finish)
      }
      let reader = state.reader
      state.reader = nil
      return (reader, (reader == nil ? nil : state.outcome()) ?? .end)
    }
    reader?.resume(returning: outcome)
  }
}

// MARK: - The reader's side

extension StreamState {
  /// How the sequence ended, once it has and everything was read.
  var finish: EngineFinish? {
    state.withLock { state in
      guard case .success(let finish) = state.end, state.count == 0 else { return nil }
      return finish
    }
  }

  /// Scores of the prompt's tokens, once the first element or the end was read.
  var prompt: [TokenScore] { state.withLock { $0.prompt } }

  /// The next element, waiting for it; cancelling the task cancels the stream.
  func next() async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (outcome, madeRoom) = state.withLock { state -> (Outcome?, Bool) in
          if state.reader != nil { return (.failure(.concurrentReaders), false) }
          let before = state.count
          let outcome = state.outcome()
          if outcome == nil { state.reader = continuation }
          // A pausing sequence goes on when there is room, a parked one when all is read.
          let madeRoom = before >= capacity && state.count < capacity || before > 0 && state.count == 0
          return (outcome, madeRoom)
        }
        if let outcome { continuation.resume(returning: outcome) }
        if madeRoom { doorbell.ring() }
      }
    } onCancel: {
      abandon()
    }
  }

  /// Ends the sequence; the rest of the buffer is dropped.
  func stop() {
    state.withLock { state in
      guard state.demand == nil else { return }
      state.demand = .stopped
      state.clear()
      // The sequence may have ended already, at a token that will not be read.
      guard case .success(var finish)? = state.end, finish.generatedTokens > state.delivered else { return }
      finish.reason = .stopped
      finish.trace = nil
      finish.generatedTokens = state.delivered
      state.end = .success(finish)
    }
    doorbell.ring()
  }

  /// Abandons the sequence: its place is free within one step.
  func abandon() {
    let reader = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
      guard state.demand != .abandoned else { return nil }
      state.demand = .abandoned
      state.clear()
      let reader = state.reader
      state.reader = nil
      return reader
    }
    reader?.resume(returning: .failure(.cancelled))
    doorbell.ring()
  }
}
