import Access
import Hummingbird
import NIOCore
import RPC
import SwiftProtobuf
import WorkbenchAPI

/// One method of the daemon's API as JSON: a request as protobuf's JSON has it, and responses alike, each as an event
/// where there are many.
struct APIMethod: Sendable {
  private let path: String
  /// What a caller needs.
  ///
  /// The daemon sees the gateway, and not its caller: what it would allow the gateway by its rules of paths and owners
  /// is kept here to those who may `manage`.
  let role: Role
  private let run:
    @Sendable ([UInt8], Daemon, Connection?, (Role) throws(APIError) -> Void) async throws -> Response

  /// The response to a body; `check` is asked for a further role where the request needs one.
  func answer(
    _ body: [UInt8], _ daemon: Daemon, _ connection: Connection?, check: (Role) throws(APIError) -> Void
  ) async throws -> Response {
    try await run(body, daemon, connection, check)
  }

  /// By path, such as `/workbench.v1.Models/List`.
  static let table = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

  private static let all: [APIMethod] = [
    .unary(DaemonMethods.status, .read),
    .unary(ModelsMethods.list, .read),
    .unary(ModelsMethods.get, .read),
    .unary(ModelsMethods.unload, .manage),
    .unary(ModelsMethods.update, .manage),
    .streaming(ModelsMethods.load, .manage),
    .streaming(GenerationMethods.chat, .use) { $0.hasConversation ? .manage : nil },
    .streaming(GenerationMethods.generate, .use),
    .streaming(GenerationMethods.score, .use),
    .unary(TemplatesMethods.list, .read),
    .unary(TemplatesMethods.get, .read),
    .unary(TemplatesMethods.render, .use),
    .unary(TemplatesMethods.check, .use),
    .unary(TemplatesMethods.put, .manage),
    .unary(TemplatesMethods.remove, .manage),
    .unary(TokenizersMethods.list, .read),
    .unary(TokenizersMethods.tokenize, .use) { $0.hasTokenizer ? .manage : nil },
    .unary(TokenizersMethods.detokenize, .use),
    .unary(SamplersMethods.list, .read),
    .unary(ProfilesMethods.list, .read),
    .unary(ProfilesMethods.get, .read),
    .unary(PluginsMethods.list, .read),
  ]

  private static func unary<Request: Message, Answer: Message>(
    _ method: Method<Request, Answer>, _ role: Role,
    _ more: @escaping @Sendable (Request) -> Role? = { _ in nil }
  ) -> APIMethod {
    APIMethod(path: method.path, role: role) { body, daemon, _, check in
      let request: Request = try decode(body)
      if let role = more(request) { try check(role) }
      return .json(try encode(try await daemon.call(method, request)))
    }
  }

  private static func streaming<Request: Message, Answer: Message>(
    _ method: Method<Request, Answer>, _ role: Role,
    _ more: @escaping @Sendable (Request) -> Role? = { _ in nil }
  ) -> APIMethod {
    APIMethod(path: method.path, role: role) { body, daemon, connection, check in
      let request: Request = try decode(body)
      if let role = more(request) { try check(role) }
      let answers = try await daemon.stream(method, request)
      // The first is waited for, so that a request that is refused has the status of a failure.
      guard let first = try await answers.next() else { return .events { _ in } }
      return .events { writer in
        connection?.whenGone { answers.cancel() }
        defer {
          connection?.whenGone(nil)
          answers.cancel()
        }
        do {
          var answer: Answer? = first
          while let message = answer {
            try await writer.write(
              ByteBuffer(bytes: Array("data: ".utf8) + (try encode(message)) + [0x0A, 0x0A]))
            answer = try await answers.next()
          }
        } catch let error as APIError {
          try await writer.write(ByteBuffer(bytes: Event.failure(error, .openAI)))
        }
      }
    }
  }

  private static func decode<Request: Message>(_ body: [UInt8]) throws(APIError) -> Request {
    do {
      var options = JSONDecodingOptions()
      options.messageDepthLimit = Limits.bodyDepth
      return try Request(jsonUTF8Bytes: body.isEmpty ? Array("{}".utf8) : body, options: options)
    } catch {
      throw .invalid(nil, "the body is not a \(Request.protoMessageName) as JSON: \(error)")
    }
  }

  private static func encode(_ message: some Message) throws(APIError) -> [UInt8] {
    var options = JSONEncodingOptions()
    options.preserveProtoFieldNames = true
    do {
      return try message.jsonUTF8Bytes(options: options)
    } catch {
      throw APIError(status: 500, kind: .server, message: "the answer cannot be written as JSON")
    }
  }
}
