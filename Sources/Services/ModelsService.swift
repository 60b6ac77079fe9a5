import Host
import RPC
import Runtime
import WorkbenchAPI
import WorkerProtocol

/// `workbench.v1.Models`.
struct ModelsService: Sendable {
  let host: ModelHost
  let access: AccessControl

  func register(in routes: inout RouteTable) {
    routes.serverStreaming(ModelsMethods.load) { request, context, writer in
      try await load(request, context, writer)
    }
    routes.serverStreaming(ModelsMethods.convert) { request, context, writer in
      try await ModelConversion(host: host, access: access).run(request, context, writer)
    }
    routes.unary(ModelsMethods.unload) { request, _ in
      try await host.unload(request.name)
      return ProtoUnloadModelResponse()
    }
    routes.unary(ModelsMethods.list) { _, _ in
      var response = ProtoListModelsResponse()
      response.models = try await host.models()
      return response
    }
    routes.unary(ModelsMethods.get) { request, _ in try await host.model(request.name) }
    routes.unary(ModelsMethods.update) { request, _ in
      var change = ModelChange()
      if request.hasTemplate { change.template = request.template }
      if request.hasTokenizer { change.tokenizer = request.tokenizer }
      if request.hasPreset { change.preset = request.preset }
      if request.hasProfile { change.profile = request.profile }
      var response = ProtoUpdateModelResponse()
      response.model = try ProtoGetModelResponse(try await host.update(request.name, change), nil).model
      response.untilRestart = await !host.keepsState
      return response
    }
  }

  private func load(
    _ request: ProtoLoadModelRequest, _ context: ServerContext,
    _ writer: ResponseWriter<ProtoLoadModelResponse>
  ) async throws {
    var source = try ModelSource(request)
    let path = try await access.file(source.path, field: "path", context)
    (source.path, source.refusesLinks) = (path.path, path.refusesLinks)
    if let tokenizer = source.tokenizer, !tokenizer.isEmpty {
      let isPlugin = await host.offersTokenizer(tokenizer)
      let allowed = try await access.file(tokenizer, isPlugin: isPlugin, field: "tokenizer", context)
      (source.tokenizer, source.tokenizerRefusesLinks) = (allowed.path, allowed.refusesLinks)
    }
    // The path may have been a link to a file of another name.
    let name = request.hasName ? request.name : ModelName.fromPath(request.path)
    // Only the newest progress matters to a client that reads slowly.
    let (progress, continuation) = AsyncStream.makeStream(
      of: LoadProgress.self, bufferingPolicy: .bufferingNewest(1))
    async let record = { [source] in
      defer { continuation.finish() }
      return try await host.load(
        source, name: name,
        template: request.hasTemplate ? request.template : nil,
        preset: request.hasPreset ? request.preset : nil,
        profile: request.hasProfile ? request.profile : nil
      ) { continuation.yield($0) }
    }()
    for await step in progress {
      var response = ProtoLoadModelResponse()
      response.progress = ProtoLoadProgress(step)
      try await writer.send(response)
    }
    var response = ProtoLoadModelResponse()
    response.model = try ProtoGetModelResponse(try await record, nil).model
    try await writer.send(response)
  }
}
