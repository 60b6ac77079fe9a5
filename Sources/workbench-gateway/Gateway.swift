import Access
import Foundation
import HTTPTypes
import Hummingbird
import RPC
import WorkbenchAPI

/// The routes: which path is answered by what, and for whom.
struct Gateway: Sendable {
  let daemon: Daemon
  let doorman: Doorman
  let connections: Connections
  let bodies = BodyReader()

  /// The router of all paths.
  func router() -> Router<GatewayContext> {
    let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: Door(doorman: doorman))
    addOpenAI(to: router)
    addAnthropic(to: router)
    addLlamaServer(to: router)
    addAPI(to: router)
    addPage(to: router)
    return router
  }

  private func addOpenAI(to router: Router<GatewayContext>) {
    router.get("/v1/models") { request, _ in
      try doorman.check(request, needs: .read)
      let models = try await daemon.call(ModelsMethods.list, ProtoListModelsRequest()).models
      return Response.json(request.isAnthropic ? ModelList.anthropicList(models) : ModelList.list(models))
    }
    router.get("/v1/models/**") { request, context in
      try doorman.check(request, needs: .read)
      let name = context.parameters.getCatchAll().joined(separator: "/").removingPercentEncoding ?? ""
      let models = try await daemon.call(ModelsMethods.list, ProtoListModelsRequest()).models
      guard let model = models.first(where: { $0.name == name }) else {
        throw APIError.missing("no model is named '\(name)'", code: "model_not_found")
      }
      return Response.json(request.isAnthropic ? ModelList.anthropicOne(model) : ModelList.one(model))
    }
    post("/v1/chat/completions", on: router) { body, connection in
      let chat = try ChatRequest(body)
      return try await answer(chat.calls, chat.isStreamed, chat.form, connection)
    }
    post("/v1/completions", on: router) { body, connection in
      let completion = try CompletionRequest(body)
      return try await answer(completion.calls, completion.isStreamed, completion.form, connection)
    }
    post("/v1/embeddings", on: router) { _, _ in
      throw APIError.invalid(
        "model", "the loaded models generate text; none of them has embeddings", code: "unsupported_model")
    }
  }

  private func addAnthropic(to router: Router<GatewayContext>) {
    post("/v1/messages", on: router) { body, connection in
      let message = try MessagesRequest(body)
      let form = MessagesForm(model: message.request.model, stops: message.request.options.stop)
      return try await answer([.chat(message.request)], message.isStreamed, form, connection)
    }
    post("/v1/messages/count_tokens", on: router) { body, _ in
      let message = try MessagesRequest(body, counts: true)
      let prompt = try await TextCalls(daemon: daemon).render(message.request)
      return .json(Array("{\"input_tokens\":\(prompt.tokenIds.count)}".utf8))
    }
  }

  private func addLlamaServer(to router: Router<GatewayContext>) {
    let calls = TextCalls(daemon: daemon)
    post("/tokenize", on: router) { body, _ in .json(try await calls.tokenize(body)) }
    post("/detokenize", on: router) { body, _ in .json(try await calls.detokenize(body)) }
    post("/apply-template", on: router) { body, _ in .json(try await calls.applyTemplate(body)) }
    router.get("/health") { _, _ in
      let status = try await daemon.call(HealthMethods.check, Grpc_Health_V1_HealthCheckRequest()).status
      guard status == .serving else {
        throw APIError(status: 503, kind: .unavailable, message: "a model is loading or down", retryAfter: 1)
      }
      return Response.json(Array(#"{"status":"ok"}"#.utf8))
    }
  }

  /// The daemon's own API as JSON, for the page: `/api/SERVICE/METHOD`.
  private func addAPI(to router: Router<GatewayContext>) {
    router.post("/api/:service/:method") { request, context in
      let name =
        "/" + (context.parameters.get("service") ?? "") + "/" + (context.parameters.get("method") ?? "")
      guard let method = APIMethod.table[name] else { throw APIError.missing("there is no method \(name)") }
      try doorman.check(request, needs: method.role)
      return try await bodies.withBody(of: request) { body in
        try await method.answer(body, daemon, connections[context.channel]) { (role) throws(APIError) in
          try doorman.check(request, needs: role)
        }
      }
    }
  }

  private func addPage(to router: Router<GatewayContext>) {
    // "/**" is every path but the root.
    for path: RouterPath in ["/", "/**"] {
      router.get(path) { request, _ in
        try doorman.checkOrigin(request)
        guard let response = Page.response(request.uri.path) else { throw HTTPError(.notFound) }
        return response
      }
    }
  }

  /// A path for callers who may use models.
  private func post(
    _ path: RouterPath, on router: Router<GatewayContext>,
    _ handle: @escaping @Sendable ([UInt8], Connection?) async throws -> Response
  ) {
    router.post(path) { request, context in
      try doorman.check(request, needs: .use)
      return try await bodies.withBody(of: request) { try await handle($0, connections[context.channel]) }
    }
  }

  private func answer(
    _ calls: [GenerationCall], _ isStreamed: Bool, _ form: some AnswerForm, _ connection: Connection?
  ) async throws -> Response {
    if isStreamed {
      return try await AnswerStream(daemon: daemon, calls: calls, form: form).response(to: connection)
    }
    guard let connection else { return .json(form.whole(try await daemon.complete(calls))) }
    return .json(form.whole(try await connection.during { try await daemon.complete(calls) }))
  }
}

extension Request {
  /// Whether it comes from a client of Anthropic's API.
  var isAnthropic: Bool { headers[.anthropicVersion] != nil }
}
