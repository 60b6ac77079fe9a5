/// The responses of a call, in order; one is fetched ahead of the reader, the rest wait with the server.
///
/// It ends after the last response of a call that worked and throws otherwise. Cancelling the task that waits cancels
/// the call; so does letting go of the stream and its iterators.
public struct ResponseStream<Response: Sendable>: AsyncSequence, Sendable {
  /// A response.
  public typealias Element = Response
  /// How the call failed.
  public typealias Failure = RPCError

  let call: ClientCall
  let decode: @Sendable (RawMessage) throws(RPCError) -> Response

  /// What the server sent before its first response; waits for it.
  public func initialMetadata() async -> Metadata {
    await call.initialMetadata()
  }

  /// What came with the status; nil while the call goes on.
  public var trailingMetadata: Metadata? {
    call.statusIfEnded?.metadata
  }

  /// How the call ended, also when it ended with `.ok`; nil while it goes on.
  public var status: RPCError? { call.statusIfEnded }

  /// Ends the call early; a task that waits for a response gets CANCELLED.
  public func cancel() {
    call.cancel()
  }

  /// An iterator; several of them share the responses.
  public func makeAsyncIterator() -> Iterator {
    Iterator(call: call, decode: decode)
  }

  /// Reads responses.
  public struct Iterator: AsyncIteratorProtocol {
    let call: ClientCall
    let decode: @Sendable (RawMessage) throws(RPCError) -> Response

    /// The next response; nil after the last.
    public mutating func next() async throws(RPCError) -> Response? {
      try await next(isolation: nil)
    }

    /// The next response; nil after the last.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(RPCError) -> Response? {
      guard let message = try await call.receive() else { return nil }
      do {
        return try decode(message)
      } catch {
        call.cancel()
        throw error
      }
    }
  }
}

/// The sending side of a call with many requests.
public struct RequestWriter<Request: Sendable>: Sendable {
  let call: ClientCall
  let encode: @Sendable (Request) throws(RPCError) -> RawMessage

  /// Sends one request; returns when there is room for the next.
  ///
  /// - Throws: How the call ended, once it has.
  public func send(_ request: Request) async throws(RPCError) {
    try await call.send(try encode(request))
  }

  /// Says that no more requests follow; at most once.
  public func finish() async throws(RPCError) {
    try await call.closeSending()
  }
}
