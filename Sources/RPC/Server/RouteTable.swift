/// Which handler serves which method.
public struct RouteTable: Sendable {
  /// Runs one call; returns its last message, if the kind of method has one that goes out with the status.
  typealias Handler = @Sendable (ServerCall) async throws -> RawMessage?

  private(set) var handlers: [String: Handler] = [:]
  /// The names of the methods that have a handler, by service; for reflection.
  public private(set) var services: [String: [String]] = [:]

  /// An empty table.
  public init() {}

  private mutating func add<Request, Response>(
    _ method: Method<Request, Response>, _ kind: MethodKind, _ handler: @escaping Handler
  ) {
    precondition(method.kind == kind, "\(method.path) is \(method.kind), not \(kind)")
    precondition(handlers[method.path] == nil, "\(method.path) has a handler already")
    handlers[method.path] = handler
    services[method.service, default: []].append(method.name)
  }

  /// Runs every handler that the table has so far inside `body`.
  public mutating func surround(
    _ body: @escaping @Sendable (ServerContext, () async throws -> Void) async throws -> Void
  ) {
    handlers = handlers.mapValues { handler in
      { call in
        var last: RawMessage?
        try await body(ServerContext(call: call)) { last = try await handler(call) }
        return last
      }
    }
  }

  /// Serves a method with one request and one response.
  public mutating func unary<Request, Response>(
    _ method: Method<Request, Response>,
    _ handler: @escaping @Sendable (Request, ServerContext) async throws -> Response
  ) {
    add(method, .unary) { call in
      let request = try await call.onlyRequest(method)
      return try method.encode(response: await handler(request, ServerContext(call: call)))
    }
  }

  /// Serves a method with one request and many responses.
  public mutating func serverStreaming<Request, Response>(
    _ method: Method<Request, Response>,
    _ handler: @escaping @Sendable (Request, ServerContext, ResponseWriter<Response>) async throws -> Void
  ) {
    add(method, .serverStreaming) { call in
      let request = try await call.onlyRequest(method)
      try await handler(request, ServerContext(call: call), call.writer(method))
      return nil
    }
  }

  /// Serves a method with many requests and one response.
  public mutating func clientStreaming<Request, Response>(
    _ method: Method<Request, Response>,
    _ handler: @escaping @Sendable (RequestStream<Request>, ServerContext) async throws -> Response
  ) {
    add(method, .clientStreaming) { call in
      try method.encode(response: await handler(call.requests(method), ServerContext(call: call)))
    }
  }

  /// Serves a method with many requests and many responses.
  public mutating func bidirectional<Request, Response>(
    _ method: Method<Request, Response>,
    _ handler:
      @escaping @Sendable (RequestStream<Request>, ServerContext, ResponseWriter<Response>) async throws ->
      Void
  ) {
    add(method, .bidirectional) { call in
      try await handler(call.requests(method), ServerContext(call: call), call.writer(method))
      return nil
    }
  }
}

extension RouteTable {
  /// Runs the handler of a call and ends the call with its result.
  func serve(_ call: ServerCall, admit: (@Sendable (ServerContext) async throws -> Void)?) async {
    guard let handler = handlers[call.method] else {
      let name = call.method.prefix(Limits.methodNameEcho)
      return await call.finish(nil, RPCError(.unimplemented, "unknown method \(name)"))
    }
    do {
      try await admit?(ServerContext(call: call))
      await call.finish(try await handler(call), nil)
    } catch {
      await call.finish(nil, RPCError.forPeer(error, method: call.method))
    }
  }
}

extension ServerCall {
  fileprivate func onlyRequest<Request, Response>(
    _ method: Method<Request, Response>
  ) async throws(RPCError) -> Request {
    guard let message = try await receive(wantsMore: false) else {
      throw RPCError(.invalidArgument, "\(method.path) needs a request")
    }
    return try method.decode(request: message)
  }

  fileprivate func requests<Request, Response>(_ method: Method<Request, Response>) -> RequestStream<Request>
  {
    RequestStream(call: self) { message throws(RPCError) in try method.decode(request: message) }
  }

  fileprivate func writer<Request, Response>(_ method: Method<Request, Response>) -> ResponseWriter<Response>
  {
    ResponseWriter(call: self) { response throws(RPCError) in try method.encode(response: response) }
  }
}
