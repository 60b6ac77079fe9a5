extension Channel {
  /// Calls a method with one request and one response.
  public func unary<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request, options: CallOptions = .init()
  ) async throws(RPCError) -> Response {
    var batch = Batch([
      .sendInitialMetadata, .sendMessage, .sendClose, .receiveInitialMetadata, .receiveMessage,
      .receiveStatus,
    ])
    batch.message = try method.encode(request: request)
    batch.initial = options.metadata
    batch.waitForReady = options.waitForReady
    let call = try makeCall(method.path, options)
    defer { forget(call) }
    guard await call.perform(batch) != .refused else {
      throw RPCError(.internal, "the call could not be started")
    }
    let status = call.status
    guard status.code == .ok else { throw status }
    guard let message = call.takeMessage() else {
      throw RPCError(.internal, "\(method.path) ended with OK but without a response")
    }
    return try method.decode(response: message)
  }

  /// Calls a method with one request and many responses.
  ///
  /// What fails later is thrown by the stream.
  public func serverStreaming<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request, options: CallOptions = .init()
  ) async throws(RPCError) -> ResponseStream<Response> {
    let message = try method.encode(request: request)
    let call = try ClientCall(self, path: method.path, options, request: message)
    return ResponseStream(call: call) { message throws(RPCError) in try method.decode(response: message) }
  }

  /// Calls a method with many requests and one response; `write` sends the requests.
  ///
  /// The requests are finished when `write` returns; when it throws, the call is cancelled and the error passed on.
  public func clientStreaming<Request, Response>(
    _ method: Method<Request, Response>, options: CallOptions = .init(),
    _ write: (RequestWriter<Request>) async throws -> Void
  ) async throws -> Response {
    let (writer, responses) = try await bidirectional(method, options: options)
    do {
      try await write(writer)
      try await writer.finish()
    } catch is RPCError where responses.call.hasSendFailed {
      // The server may answer, or refuse, before it has read everything: that counts more than our failed send.
    } catch {
      responses.cancel()
      throw error
    }
    var iterator = responses.makeAsyncIterator()
    guard let response = try await iterator.next() else {
      throw RPCError(.internal, "\(method.path) ended with OK but without a response")
    }
    guard try await iterator.next() == nil else {
      responses.cancel()
      throw RPCError(.internal, "\(method.path) sent a second response")
    }
    return response
  }

  /// Calls a method with the requests of a sequence and one response.
  public func clientStreaming<Request, Response, Requests: AsyncSequence & Sendable>(
    _ method: Method<Request, Response>, requests: Requests, options: CallOptions = .init()
  ) async throws -> Response where Requests.Element == Request {
    try await clientStreaming(method, options: options) { writer in
      for try await request in requests { try await writer.send(request) }
    }
  }

  /// Calls a method with many requests and many responses.
  ///
  /// Letting go of the responses cancels the call once the writer is gone as well.
  public func bidirectional<Request, Response>(
    _ method: Method<Request, Response>, options: CallOptions = .init()
  ) async throws(RPCError) -> (requests: RequestWriter<Request>, responses: ResponseStream<Response>) {
    let call = try ClientCall(self, path: method.path, options, request: nil)
    let writer = RequestWriter<Request>(call: call) { request throws(RPCError) in
      try method.encode(request: request)
    }
    let responses = ResponseStream<Response>(call: call) { message throws(RPCError) in
      try method.decode(response: message)
    }
    return (writer, responses)
  }
}
