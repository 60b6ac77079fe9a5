import Foundation
import RPC
import RoleTestSupport
import SwiftProtobuf
import TestSupport
import WorkbenchAPI

extension TestDaemon {
  /// Writes a tiny model and loads it.
  func load(
    _ name: String = "tiny", context: Int = 256,
    _ configure: (inout ProtoLoadModelRequest) -> Void = { _ in }
  ) async throws -> [ProtoLoadModelResponse] {
    var request = ProtoLoadModelRequest()
    request.path = folder.file("\(name).gguf")
    request.name = name
    configure(&request)
    try TinyModel.write(to: request.path) { $0.context = context }
    return try await all(ModelsMethods.load, request)
  }

  /// Every message of a stream.
  func all<Request, Response>(_ method: Method<Request, Response>, _ request: Request) async throws
    -> [Response]
  {
    var responses: [Response] = []
    for try await response in try await channel.serverStreaming(method, request) {
      responses.append(response)
    }
    return responses
  }

  /// The status that a unary call ends with.
  func status<Request, Response>(_ method: Method<Request, Response>, _ request: Request) async -> RPCError? {
    do {
      _ = try await channel.unary(method, request)
      return nil
    } catch {
      return error
    }
  }

  /// The status that a streaming call ends with.
  func streamStatus<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request
  ) async -> RPCError? {
    do {
      _ = try await all(method, request)
      return nil
    } catch {
      return error as? RPCError
    }
  }
}

extension RPCError {
  /// The field that `google.rpc.BadRequest` names.
  var field: String? {
    guard let details, let status = try? Google_Rpc_Status(serializedBytes: details) else { return nil }
    for any in status.details {
      if let request = try? Google_Rpc_BadRequest(unpackingAny: any) {
        return request.fieldViolations.first?.field
      }
    }
    return nil
  }
}

/// A request to continue a text with the likeliest tokens.
func generation(_ text: String = "Hello", tokens: UInt32 = 6) -> ProtoGenerateRequest {
  .with {
    $0.model = "tiny"
    $0.text = text
    $0.options.maxTokens = tokens
    $0.options.ignoreEnd = true
    $0.options.sampling.temperature = 0
  }
}
