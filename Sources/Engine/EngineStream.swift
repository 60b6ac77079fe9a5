/// The tokens of an answer.
public typealias TokenStream = EngineStream<EngineToken>
/// The scores of a request's texts, in order.
public typealias ScoreStream = EngineStream<TextScore>

/// What the engine computes for one request, pulled by the reader: it computes only a little more than was read.
///
/// For one reader at a time. A reader that is slow pauses its own sequence and no other. Cancelling the task
/// that waits, or dropping the stream, frees the sequence within one step.
public struct EngineStream<Element: Sendable>: AsyncSequence, Sendable {
  /// The error that can end it early.
  public typealias Failure = EngineError

  private let handle: Handle

  init(_ state: StreamState<Element>) {
    handle = Handle(state)
  }

  /// The next element; nil at the end.
  ///
  /// - Throws: `EngineError.cancelled` after the task or the stream was cancelled; what ended the sequence
  ///   otherwise.
  public func next() async throws(EngineError) -> Element? {
    switch await handle.state.next() {
    case .element(let element): return element
    case .end: return nil
    case .failure(let error): throw error
    }
  }

  /// How the sequence ended; nil before its end was read, and after an error.
  public var finish: EngineFinish? { handle.state.finish }

  /// Scores of the prompt's tokens from the second on, once the first token or the end was read; empty if the request did
  /// not ask for them.
  public var prompt: [TokenScore] { handle.state.prompt }

  /// Ends the sequence: `next` gives no more elements, and `finish` says `stopped` when it returned nil.
  public func stop() { handle.state.stop() }

  /// Abandons the sequence; `next` throws `cancelled` from here on.
  public func cancel() { handle.state.abandon() }

  /// Reads the stream; a second iterator continues where the first one is.
  public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  /// Reads a stream.
  public struct Iterator: AsyncIteratorProtocol {
    let stream: EngineStream

    /// The next element; nil at the end.
    public mutating func next() async throws(EngineError) -> Element? { try await stream.next() }

    /// The next element; nil at the end.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(EngineError)
      -> Element?
    {
      try await stream.next()
    }
  }

  /// Abandons the sequence when the last copy of the stream is gone.
  private final class Handle: Sendable {
    let state: StreamState<Element>

    init(_ state: StreamState<Element>) {
      self.state = state
    }

    deinit { state.abandon() }
  }
}
