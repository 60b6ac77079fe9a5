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

  let encodeRequest: @Sendable (Request) throws -> [UInt8]
  let decodeRequest: @Sendable ([UInt8]) throws -> Request
  let encodeResponse: @Sendable (Response) throws -> [UInt8]
  let decodeResponse: @Sendable ([UInt8]) throws -> Response

  /// A method with its four codecs.
  public init(
    service: String, name: String, kind: MethodKind,
    encodeRequest: @escaping @Sendable (Request) throws -> [UInt8],
    decodeRequest: @escaping @Sendable ([UInt8]) throws -> Request,
    encodeResponse: @escaping @Sendable (Response) throws -> [UInt8],
    decodeResponse: @escaping @Sendable ([UInt8]) throws -> Response
  ) {
    self.service = service
    self.name = name
    self.kind = kind
    self.encodeRequest = encodeRequest
    self.decodeRequest = decodeRequest
    self.encodeResponse = encodeResponse
    self.decodeResponse = decodeResponse
  }

  /// The path on the wire, such as `/workbench.v1.Models/Load`.
  public var path: String { "/\(service)/\(name)" }
}

extension Method {
  // Codec failures differ by who made the bytes: a peer's bad message is its fault, a failure to encode is ours.

  func encode(request: Request) throws(RPCError) -> [UInt8] {
    do {
      return try encodeRequest(request)
    } catch {
      throw RPCError(.internal, "cannot encode the request of \(path): \(error)")
    }
  }

  func decode(request bytes: [UInt8]) throws(RPCError) -> Request {
    do {
      return try decodeRequest(bytes)
    } catch let error as any RPCErrorConvertible {
      throw error.rpcError
    } catch let error as RPCError {
      throw error
    } catch {
      throw RPCError(.invalidArgument, "cannot decode the request of \(path)")
    }
  }

  func encode(response: Response) throws(RPCError) -> [UInt8] {
    do {
      return try encodeResponse(response)
    } catch {
      Log.write("cannot encode the response of \(path): \(error)")
      throw RPCError(.internal, "cannot encode the response of \(path)")
    }
  }

  func decode(response bytes: [UInt8]) throws(RPCError) -> Response {
    do {
      return try decodeResponse(bytes)
    } catch {
      throw RPCError(.internal, "cannot decode the response of \(path): \(error)")
    }
  }
}
