import Concurrency
import ModelFormats
import Pipeline
public import RPC
import Runtime
import Synchronization
import Tokens
import WorkbenchAPI
import WorkerProtocol

/// The worker's side of the private protocol: at most one pipeline, and the calls that need none.
public final class WorkerServer: Sendable {
  private let pipeline = Mutex<Pipeline?>(nil)
  private let isLoading = Atomic(false)
  private let plugins: PluginSet
  private let shelf: TokenizerShelf
  /// For rendering without a model.
  private let templates: CompiledTemplates

  /// A worker without a model and without plugins.
  public convenience init() {
    self.init(plugins: PluginSet())
  }

  /// A worker without a model.
  init(plugins: PluginSet) {
    self.plugins = plugins
    shelf = TokenizerShelf(plugins: plugins)
    templates = CompiledTemplates(plugins: plugins)
  }

  /// Serves on `descriptor` until the other end closes it.
  func run(descriptor: Int32) async throws {
    var configuration = ServerConfiguration()
    configuration.connectedDescriptors = [descriptor]
    // The daemon cannot connect again: a model that has been idle for a while must stay reachable.
    configuration.connectionIdle = nil
    let server = try Server(configuration: configuration, routes: routes())
    _ = try await server.start()
    await server.waitUntilStopped()
  }

  /// Every call that a worker answers.
  public func routes() -> RouteTable {
    var routes = RouteTable()
    addModelRoutes(to: &routes)
    addGenerationRoutes(to: &routes)
    addTemplateRoutes(to: &routes)
    addTokenizerRoutes(to: &routes)
    return routes
  }

  /// Whether the model's file, if there is a model, is what it was when it was loaded.
  var hasIntactFile: Bool { pipeline.withLock { $0 }?.isIntact ?? true }

  /// Whether the engine, if there is one, gets on with its work.
  var isAdvancing: Bool { pipeline.withLock { $0 }?.isAdvancing ?? true }

  private func loaded() throws -> Pipeline {
    guard let pipeline = pipeline.withLock({ $0 }) else {
      throw WorkbenchError(.failedPrecondition, "this worker has not loaded a model")
    }
    return pipeline
  }
}

// MARK: - The model

extension WorkerServer {
  private func addModelRoutes(to routes: inout RouteTable) {
    routes.serverStreaming(WorkerMethods.load) { [self] request, _, writer in
      try await load(request, writer)
    }
    routes.unary(WorkerMethods.useTokenizer) { [self] request, _ in
      let before = try loaded()
      let reference = request.tokenizer.isEmpty ? nil : request.tokenizer
      // Reading a large vocabulary takes a second or two.
      let after = try await OwnThread.run { try before.using(tokenizer: reference) }
      pipeline.withLock { $0 = after }
      return WorkerLoadedModel(after.description)
    }
    routes.unary(WorkerMethods.samplers) { [plugins] _, _ in
      var response = ProtoListSamplersResponse()
      response.samplers = plugins.samplerDescriptors.map { ProtoSampler($0) }
      return response
    }
    routes.unary(WorkerMethods.status) { [self, plugins] _, _ in
      var response = WorkerStatusResponse()
      if let pipeline = pipeline.withLock({ $0 }) { response.engine = ProtoEngineStatus(pipeline.status) }
      response.residentBytes = UInt64(clamping: ProcessMemory.residentBytes())
      response.plugins = plugins.use.map { WorkerPluginUse($0) }
      return response
    }
  }

  private func load(
    _ request: WorkerLoadRequest, _ writer: ResponseWriter<WorkerLoadEvent>
  ) async throws {
    guard !isLoading.exchange(true, ordering: .relaxed) else {
      throw WorkbenchError(.failedPrecondition, "this worker already has a model")
    }
    let source = try ModelSource(request)
    // Only the newest progress matters to a daemon that reads slowly.
    let (progress, continuation) = AsyncStream.makeStream(
      of: LoadProgress.self, bufferingPolicy: .bufferingNewest(1))
    async let loading = OwnThread.run { [plugins] in
      defer { continuation.finish() }
      return try Pipeline.load(source, plugins: plugins) { continuation.yield($0) }
    }
    for await step in progress {
      var event = WorkerLoadEvent()
      event.progress = ProtoLoadProgress(step)
      try await writer.send(event)
    }
    let pipeline: Pipeline
    do {
      pipeline = try await loading
    } catch {
      // A refused file leaves nothing behind, so this worker can load another one.
      isLoading.store(false, ordering: .relaxed)
      throw error
    }
    self.pipeline.withLock { $0 = pipeline }
    var event = WorkerLoadEvent()
    event.loaded = WorkerLoadedModel(pipeline.description)
    try await writer.send(event)
  }
}

// MARK: - Generation

extension WorkerServer {
  private func addGenerationRoutes(to routes: inout RouteTable) {
    routes.serverStreaming(WorkerCall.chat.served(as: ProtoGenerationResponse.self)) {
      [self] job, _, writer in
      try await write(try loaded().chat(try ChatJob(job)), to: writer)
    }
    routes.serverStreaming(WorkerCall.generate.served(as: ProtoGenerationResponse.self)) {
      [self] job, _, writer in
      try await write(try loaded().generate(try GenerateJob(job)), to: writer)
    }
  }

  /// Writes events as they come; waits while the client does not read.
  private func write(
    _ answer: GenerationStream, to writer: ResponseWriter<ProtoGenerationResponse>
  ) async throws {
    for try await event in answer { try await writer.send(ProtoGenerationResponse(event)) }
  }
}

// MARK: - Templates and tokenizers

extension WorkerServer {
  private func addTemplateRoutes(to routes: inout RouteTable) {
    routes.unary(WorkerCall.render.served(as: ProtoRenderTemplateResponse.self)) { [self] job, _ in
      let job = try RenderJob(job)
      let pipeline = pipeline.withLock { $0 }
      let rendered = try pipeline?.render(job) ?? TemplateRendering.render(job, templates)
      return ProtoRenderTemplateResponse(rendered, of: job.template)
    }
    routes.unary(WorkerMethods.checkTemplate) { [self] template, _ in
      let template = try TemplateSource(template)
      let pipeline = pipeline.withLock { $0 }
      return WorkerCheckedTemplate(pipeline?.check(template) ?? TemplateRendering.check(template))
    }
  }

  private func addTokenizerRoutes(to routes: inout RouteTable) {
    routes.unary(WorkerCall.tokenize.served(as: ProtoTokenizeResponse.self)) { [self] job, _ in
      let request = try job.decoded(ProtoTokenizeRequest.self)
      let text = [UInt8](request.text)
      guard request.hasTokenizer else {
        return ProtoTokenizeResponse(
          try loaded().tokenize(text, addSpecial: request.addSpecial, parseSpecial: request.parseSpecial))
      }
      // Reading a large vocabulary takes a second or two.
      return try await OwnThread.run { [shelf] in
        try FileOpening.$refusesLinks.withValue(job.refuseLinks) {
          ProtoTokenizeResponse(
            try shelf.tokenize(
              request.tokenizer, text, addSpecial: request.addSpecial, parseSpecial: request.parseSpecial))
        }
      }
    }
    routes.unary(WorkerCall.detokenize.served(as: ProtoDetokenizeResponse.self)) { [self] job, _ in
      let request = try job.decoded(ProtoDetokenizeRequest.self)
      let ids = try request.ids.map { try TokenID(checked: $0, field: "ids") }
      return ProtoDetokenizeResponse(try loaded().detokenize(ids, skipSpecial: request.skipSpecial))
    }
    routes.unary(WorkerCall.compareTokenizers.served(as: ProtoCompareTokenizersResponse.self)) {
      [shelf] job, _ in
      let request = try job.decoded(ProtoCompareTokenizersRequest.self)
      return try await OwnThread.run {
        try FileOpening.$refusesLinks.withValue(job.refuseLinks) {
          ProtoCompareTokenizersResponse(
            try shelf.compare(request.left, request.right, text: request.text))
        }
      }
    }
    routes.unary(WorkerCall.listTokenizers.served(as: ProtoListTokenizersResponse.self)) { _, _ in
      var response = ProtoListTokenizersResponse()
      response.tokenizers = TokenizerShelf.families.map { name in
        var tokenizer = ProtoTokenizer()
        tokenizer.name = name
        return tokenizer
      }
      return response
    }
  }
}
