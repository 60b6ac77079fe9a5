public import Concurrency
import Foundation
public import RPC
public import Runtime
public import SwiftProtobuf
import WorkbenchAPI

// The one file where an error becomes a gRPC status, and a status of a worker becomes an error again.

extension WorkbenchError: RPCErrorConvertible {
  /// The status that a client sees, with `google.rpc` details for the field and the time to wait.
  public var rpcError: RPCError {
    // The message names the field too, since people usually see only the message; about some fields it is
    // obvious.
    let obvious = ["path", "name", "source", "ids"]
    var message = self.message
    if let name = field?.split(separator: ".").last, !message.contains(name), !obvious.contains(String(name))
    {
      message = "\(name): \(message)"
    }
    var status = Google_Rpc_Status()
    status.code = kind.statusCode.rawValue
    status.message = message
    if let field {
      var violation = Google_Rpc_BadRequest.FieldViolation()
      violation.field = field
      violation.description_p = message
      var details = Google_Rpc_BadRequest()
      details.fieldViolations = [violation]
      if let any = try? Google_Protobuf_Any(message: details) { status.details.append(any) }
    }
    if let retryAfter {
      var details = Google_Rpc_RetryInfo()
      details.retryDelay = Google_Protobuf_Duration(retryAfter)
      if let any = try? Google_Protobuf_Any(message: details) { status.details.append(any) }
    }
    let bytes: [UInt8]? = status.details.isEmpty ? nil : try? status.serializedBytes()
    return RPCError(kind.statusCode, message, details: bytes)
  }

  /// The error that a worker's status stands for.
  public init(_ error: RPCError) {
    self.init(Kind(error.code), error.message)
    guard let bytes = error.details, let status = try? Google_Rpc_Status(serializedBytes: bytes) else {
      return
    }
    for any in status.details {
      if let request = try? Google_Rpc_BadRequest(unpackingAny: any) {
        field = request.fieldViolations.first?.field
      }
      if let retry = try? Google_Rpc_RetryInfo(unpackingAny: any) {
        retryAfter = .seconds(retry.retryDelay.seconds) + .nanoseconds(Int64(retry.retryDelay.nanos))
      }
    }
  }
}

extension ThreadError: RPCErrorConvertible {
  /// `RESOURCE_EXHAUSTED`: no thread is left; a later call may get one.
  public var rpcError: RPCError { RPCError(.resourceExhausted, description) }
}

extension WorkbenchError.Kind {
  var statusCode: StatusCode {
    switch self {
    case .invalidArgument: .invalidArgument
    case .notFound: .notFound
    case .alreadyExists: .alreadyExists
    case .failedPrecondition: .failedPrecondition
    case .outOfRange: .outOfRange
    case .resourceExhausted: .resourceExhausted
    case .unavailable: .unavailable
    case .dataLoss: .dataLoss
    case .cancelled: .cancelled
    case .internal: .internal
    }
  }

  init(_ code: StatusCode) {
    self = Self.allCases.first { $0.statusCode == code } ?? .internal
  }
}

extension Google_Protobuf_Duration {
  /// A duration to the nanosecond.
  public init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
  }
}
