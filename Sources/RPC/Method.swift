/// Which sides of a call send a stream.
public enum MethodKind: Sendable, Equatable {
  /// One request, one response.
  case unary
  /// Many requests, one response.
  case clientStreaming
  /// One request, many responses.
  case serverStreaming
  /// Many of both, in any order.
  case bidirectional
}

/// A method of a service: its name, its kind, and how its messages become bytes.
public struct Method<Request: Sendable, Response: Sendable>: Sendable {
  /// The full name of the service, such as `workbench.v1.Models`.
  public let service: String
  /// The method's own name, such as `Load`.
  public let name: String
  /// Which sides stream.
  public let kind: MethodKind

  let requestCodec: Codec<Request>
  let responseCodec: Codec<Response>

  /// A method with its four codecs.
  public init(
    service: String, name: String, kind: MethodKind,
    encodeRequest: @escaping @Sendable (Request) throws -> [UInt8],
    decodeRequest: @escaping @Sendable ([UInt8]) throws -> Request,
    encodeResponse: @escaping @Sendable (Response) throws -> [UInt8],
    decodeResponse: @escaping @Sendable ([UInt8]) throws -> Response
  ) {
    self.init(
      service, name, kind,
      Codec(encode: { RawMessage(try encodeRequest($0)) }, decode: { try decodeRequest($0.bytes) }),
      Codec(encode: { RawMessage(try encodeResponse($0)) }, decode: { try decodeResponse($0.bytes) }))
  }

  private init(
    _ service: String, _ name: String, _ kind: MethodKind, _ requestCodec: Codec<Request>,
    _ responseCodec: Codec<Response>
  ) {
    self.service = service
    self.name = name
    self.kind = kind
    self.requestCodec = requestCodec
    self.responseCodec = responseCodec
  }

  /// The same method with requests that are passed on unread.
  public func relayingRequests() -> Method<RawMessage, Response> {
    Method<RawMessage, Response>(service, name, kind, .unread, responseCodec)
  }

  /// The same method with responses that are passed on unread.
  public func relayingResponses() -> Method<Request, RawMessage> {
    Method<Request, RawMessage>(service, name, kind, requestCodec, .unread)
  }

  /// The path on the wire, such as `/workbench.v1.Models/Load`.
  public var path: String { "/\(service)/\(name)" }
}

/// How values of one type become messages and back.
struct Codec<Value: Sendable>: Sendable {
  let encode: @Sendable (Value) throws -> RawMessage
  let decode: @Sendable (RawMessage) throws -> Value
}

extension Codec<RawMessage> {
  static let unread = Codec(encode: { $0 }, decode: { $0 })
}

extension Method {
  // Codec failures differ by who made the bytes: a peer's bad message is its fault, a failure to encode is ours.

  func encode(request: Request) throws(RPCError) -> RawMessage {
    do {
      return try requestCodec.encode(request)
    } catch {
      throw RPCError(.internal, "cannot encode the request of \(path): \(error)")
    }
  }

  func decode(request message: RawMessage) throws(RPCError) -> Request {
    do {
      return try requestCodec.decode(message)
    } catch let error as any RPCErrorConvertible {
      throw error.rpcError
    } catch let error as RPCError {
      throw error
    } catch {
      throw RPCError(.invalidArgument, "cannot decode the request of \(path)")
    }
  }

  func encode(response: Response) throws(RPCError) -> RawMessage {
    do {
      return try responseCodec.encode(response)
    } catch {
      Log.write("cannot encode the response of \(path): \(error)")
      throw RPCError(.internal, "cannot encode the response of \(path)")
    }
  }

  func decode(response message: RawMessage) throws(RPCError) -> Response {
    do {
      return try responseCodec.decode(message)
    } catch {
      throw RPCError(.internal, "cannot decode the response of \(path): \(error)")
    }
  }
}
