/// What a handler knows about its call besides the requests.
public struct ServerContext: Sendable {
  let call: ServerCall

  /// What the client sent before its first request.
  public var metadata: Metadata { call.metadata }
  /// The caller.
  public var peer: Peer { call.peer }
  /// When the client stops waiting; nil: never.
  public var deadline: ContinuousClock.Instant? { call.deadline }
  /// The path of the method, such as `/workbench.v1.Models/Load`.
  public var method: String { call.method }
  /// Whether the client has given up; the handler's task is then cancelled too.
  public var isCancelled: Bool { call.isCancelled }

  /// Sends metadata before the first response.
  ///
  /// - Throws: FAILED_PRECONDITION if it or a response has already been sent.
  public func sendInitialMetadata(_ metadata: Metadata) async throws(RPCError) {
    try await call.sendInitialMetadata(metadata)
  }

  /// Sets the metadata that is sent with the status; replaces what was set before.
  public func setTrailingMetadata(_ metadata: Metadata) throws(RPCError) {
    try call.setTrailingMetadata(metadata)
  }
}

/// The sending side of a call with many responses.
public struct ResponseWriter<Response: Sendable>: Sendable {
  let call: ServerCall
  let encode: @Sendable (Response) throws(RPCError) -> RawMessage

  /// Sends one response; returns when there is room for the next.
  ///
  /// - Throws: CANCELLED or DEADLINE_EXCEEDED when the call has ended.
  public func send(_ response: Response) async throws(RPCError) {
    try await call.send(try encode(response))
  }

  /// Sends every response of a sequence, in order, and throws when the sequence throws or the client is gone.
  ///
  /// The sequence is read on the thread that does the I/O of all calls, which saves waking another one for each
  /// response: it must not block or compute for long.
  public func send<Responses: AsyncSequence>(contentsOf responses: Responses) async throws
  where Responses.Element == Response {
    try await withTaskExecutorPreference(call.executor) {
      for try await response in responses { try await send(response) }
    }
  }
}

/// The requests of a call, in order; one is fetched ahead of the reader, the rest wait with the client.
///
/// It ends when the client has finished, and throws when the call ended in another way.
public struct RequestStream<Request: Sendable>: AsyncSequence, Sendable {
  /// A request.
  public typealias Element = Request
  /// Why no more requests can come.
  public typealias Failure = RPCError

  let call: ServerCall
  let decode: @Sendable (RawMessage) throws(RPCError) -> Request

  /// An iterator; several of them share the requests.
  public func makeAsyncIterator() -> Iterator {
    Iterator(call: call, decode: decode)
  }

  /// Reads requests.
  public struct Iterator: AsyncIteratorProtocol {
    let call: ServerCall
    let decode: @Sendable (RawMessage) throws(RPCError) -> Request

    /// The next request; nil after the last.
    public mutating func next() async throws(RPCError) -> Request? {
      try await next(isolation: nil)
    }

    /// The next request; nil after the last.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(RPCError) -> Request? {
      guard let message = try await call.receive() else { return nil }
      return try decode(message)
    }
  }
}
