import Connecting
import Foundation
import RPC
import SwiftProtobuf
import WorkbenchAPI

/// The daemon as the gateway sees it: each failed call throws an `APIError`.
struct Daemon: Sendable {
  let connection: DaemonConnection

  /// One request, one response.
  func call<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request
  ) async throws(APIError) -> Response {
    do throws(RPCError) {
      return try await connection.channel.unary(
        method, request, options: CallOptions(metadata: connection.metadata, timeout: Limits.call))
    } catch {
      throw APIError(error)
    }
  }

  /// Starts a call with many responses.
  func stream<Request, Response: Sendable>(
    _ method: Method<Request, Response>, _ request: Request
  ) async throws(APIError) -> ResponseStream<Response> {
    do throws(RPCError) {
      return try await connection.channel.serverStreaming(
        method, request, options: CallOptions(metadata: connection.metadata))
    } catch {
      throw APIError(error)
    }
  }

  /// The model that a request without a name means: the only one.
  func onlyModel() async throws(APIError) -> String {
    let models = try await call(ModelsMethods.list, ProtoListModelsRequest()).models
    if models.count == 1 { return models[0].name }
    let names = models.map(\.name).joined(separator: ", ")
    throw .invalid(
      "model", models.isEmpty ? "no model is loaded" : "name one of the loaded models: \(names)")
  }
}

extension ResponseStream {
  /// The next response; nil after the last.
  func next() async throws(APIError) -> Response? {
    do throws(RPCError) {
      var iterator = makeAsyncIterator()
      return try await iterator.next()
    } catch {
      throw APIError(error)
    }
  }
}

extension APIError {
  /// A failed call of the daemon.
  init(_ error: RPCError) {
    let details = Details(error)
    var message = error.message.isEmpty ? "the daemon ended the call (\(error.code.name))" : error.message
    for (theirs, ours) in Details.names { message = message.replacingOccurrences(of: theirs, with: ours) }
    switch error.code {
    case .invalidArgument: self = .invalid(details.field, message)
    case .outOfRange:
      self = .invalid(
        details.field, message,
        code: ["prompt", "messages"].contains(details.field ?? "prompt") ? "context_length_exceeded" : nil)
    case .notFound:
      self = .missing(message, code: message.hasPrefix("no model is named") ? "model_not_found" : nil)
    case .resourceExhausted where message.contains("message larger than max"):
      self.init(status: 413, kind: .tooLarge, message: "the request is larger than the daemon takes at once")
    case .resourceExhausted:
      self.init(status: 429, kind: .rateLimit, message: message, retryAfter: details.retrySeconds ?? 1)
    case .failedPrecondition, .alreadyExists, .aborted:
      self.init(status: 409, kind: .conflict, message: message, parameter: details.field)
    case .unavailable where message.hasPrefix("failed to connect to all addresses"):
      let reason = message.split(separator: ": ").last.map { ": \($0)" } ?? ""
      self.init(
        status: 503, kind: .unavailable, message: "the daemon cannot be reached\(reason)", retryAfter: 1)
    case .unavailable:
      self.init(status: 503, kind: .unavailable, message: message, retryAfter: details.retrySeconds ?? 1)
    case .deadlineExceeded: self.init(status: 504, kind: .timeout, message: message)
    case .unauthenticated, .permissionDenied:
      self.init(status: 502, kind: .server, message: "the daemon refuses the gateway: \(message)")
    case .unimplemented: self.init(status: 501, kind: .server, message: message)
    case .cancelled:
      self.init(
        status: 503, kind: .unavailable, message: "the call was ended before it was answered", retryAfter: 1)
    default: self.init(status: 500, kind: .server, message: message)
    }
  }

  /// What the details of a status say.
  private struct Details {
    /// The first field at fault, as the body of a request names it.
    var field: String?
    /// When the same call may work.
    var retrySeconds: Int?

    /// What a body calls otherwise than the daemon, and what only its own client has.
    static let names = [
      ("tools_json", "tools"), ("variables_json", "chat_template_kwargs"), (" (--ignore-unused)", ": true"),
    ]

    init(_ error: RPCError) {
      guard let details = error.details, let status = try? Google_Rpc_Status(serializedBytes: details) else {
        return
      }
      for any in status.details {
        if let request = try? Google_Rpc_BadRequest(unpackingAny: any) {
          let path = request.fieldViolations.first?.field ?? ""
          let name = path.split(separator: ".").last.map { String($0.prefix { $0 != "[" }) }
          field = Self.names.first { $0.0 == name }?.1 ?? name
        }
        if let retry = try? Google_Rpc_RetryInfo(unpackingAny: any) {
          retrySeconds = max(
            1, Int(clamping: retry.retryDelay.seconds) + (retry.retryDelay.nanos > 0 ? 1 : 0))
        }
      }
    }
  }
}
