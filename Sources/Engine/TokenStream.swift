/// The tokens of one sequence, pulled by the reader: the engine computes only a few more than were read.
///
/// For one reader at a time. A reader that is slow pauses its own sequence and no other. Cancelling the task
/// that waits, or dropping the stream, frees the sequence within one step.
public struct TokenStream: AsyncSequence, Sendable {
  /// The stream's element.
  public typealias Element = EngineToken
  /// The error that can end it early.
  public typealias Failure = EngineError

  private let handle: Handle

  init(_ state: StreamState) {
    handle = Handle(state)
  }

  /// The next token; nil at the end.
  ///
  /// - Throws: `EngineError.cancelled` after the task or the stream was cancelled; what ended the sequence
  ///   otherwise.
  public func next() async throws(EngineError) -> EngineToken? {
    switch await handle.state.next() {
    case .token(let token): return token
    case .end: return nil
    case .failure(let error): throw error
    }
  }

  /// How the sequence ended; nil before its end was read, and after an error.
  public var finish: EngineFinish? { handle.state.finish }

  /// Ends the sequence: `next` gives no more tokens, and `finish` says `stopped` when it returned nil.
  public func stop() { handle.state.stop() }

  /// Abandons the sequence; `next` throws `cancelled` from here on.
  public func cancel() { handle.state.abandon() }

  /// Reads the stream; a second iterator continues where the first one is.
  public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  /// Reads a stream.
  public struct Iterator: AsyncIteratorProtocol {
    let stream: TokenStream

    /// The next token; nil at the end.
    public mutating func next() async throws(EngineError) -> EngineToken? { try await stream.next() }

    /// The next token; nil at the end.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(EngineError)
      -> EngineToken?
    {
      try await stream.next()
    }
  }

  /// Abandons the sequence when the last copy of the stream is gone.
  private final class Handle: Sendable {
    let state: StreamState

    init(_ state: StreamState) {
      self.state = state
    }

    deinit { state.abandon() }
  }
}
