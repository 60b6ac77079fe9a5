import Foundation
import RPC
import SwiftProtobuf
import WorkbenchAPI

/// Server reflection: generic clients (grpcurl, Postman, grpcio-reflection) find services and messages by it.
struct ReflectionService: Sendable {
  let services: [String]
  let descriptors = FileDescriptors()

  func register(in routes: inout RouteTable) {
    routes.bidirectional(ReflectionMethods.v1) { requests, _, writer in
      for try await request in requests { try await writer.send(answer(request)) }
    }
    // The two versions have the same fields; the bytes of one are those of the other.
    routes.bidirectional(ReflectionMethods.v1alpha) { requests, _, writer in
      for try await request in requests {
        let response = answer(try .init(serializedBytes: request.serializedBytes() as [UInt8]))
        try await writer.send(.init(serializedBytes: response.serializedBytes() as [UInt8]))
      }
    }
  }

  private func answer(
    _ request: Grpc_Reflection_V1_ServerReflectionRequest
  ) -> Grpc_Reflection_V1_ServerReflectionResponse {
    var response = Grpc_Reflection_V1_ServerReflectionResponse()
    response.validHost = request.host
    response.originalRequest = request
    switch request.messageRequest {
    case .listServices:
      response.listServicesResponse.service = services.map { name in
        var service = Grpc_Reflection_V1_ServiceResponse()
        service.name = name
        return service
      }
    case .fileByFilename(let name):
      setFiles(of: name, asked: "file \(name)", in: &response)
    case .fileContainingSymbol(let symbol):
      setFiles(of: descriptors.fileOfSymbol[symbol] ?? "", asked: "symbol \(symbol)", in: &response)
    case .allExtensionNumbersOfType(let type) where descriptors.fileOfSymbol[type] != nil:
      response.allExtensionNumbersResponse.baseTypeName = type
    case .allExtensionNumbersOfType(let type):
      setNotFound("type \(type)", in: &response)
    case .fileContainingExtension(let request):
      setNotFound("extension \(request.extensionNumber) of \(request.containingType)", in: &response)
    case nil:
      response.errorResponse.errorCode = StatusCode.invalidArgument.rawValue
      response.errorResponse.errorMessage = "the request has no message_request"
    }
    return response
  }

  private func setFiles(
    of file: String, asked: String, in response: inout Grpc_Reflection_V1_ServerReflectionResponse
  ) {
    guard let files = descriptors.closure(of: file) else { return setNotFound(asked, in: &response) }
    response.fileDescriptorResponse.fileDescriptorProto = files.map { .init($0) }
  }

  private func setNotFound(_ what: String, in response: inout Grpc_Reflection_V1_ServerReflectionResponse) {
    response.errorResponse.errorCode = StatusCode.notFound.rawValue
    response.errorResponse.errorMessage = "\(what) is not part of this server's API"
  }
}
