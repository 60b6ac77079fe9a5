import Concurrency
import ModelFormats
import Pipeline
public import RPC
import Runtime
import Synchronization
import WorkbenchAPI
import WorkerProtocol

/// The worker's side of the private protocol: at most one pipeline, and the calls that need none.
public final class WorkerServer: Sendable {
  let pipeline = Mutex<Pipeline?>(nil)
  private let isLoading = Atomic(false)
  private let plugins: PluginSet
  let shelf: TokenizerShelf
  /// For rendering without a model.
  let templates: CompiledTemplates
  let work = TextWork()

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
    configuration.maxReceiveMessageBytes = MessageLimits.request
    let server = try Server(configuration: configuration, routes: routes())
    _ = try await server.start()
    await server.waitUntilStopped()
  }

  /// Every call that a worker answers.
  public func routes() -> RouteTable {
    var routes = RouteTable()
    addModelRoutes(to: &routes)
    addConvertRoute(to: &routes)
    addGenerationRoutes(to: &routes)
    addTemplateRoutes(to: &routes)
    addTokenizerRoutes(to: &routes)
    return routes
  }

  /// Whether the model's file, if there is a model, is what it was when it was loaded.
  var hasIntactFile: Bool { pipeline.withLock { $0 }?.isIntact ?? true }

  /// Whether the engine, if there is one, gets on with its work.
  var isAdvancing: Bool { pipeline.withLock { $0 }?.isAdvancing ?? true }

  func loaded() throws -> Pipeline {
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
      let answer = try await work.run(bytes: job.request.count, client: job.client) {
        try self.loaded().chat(try ChatJob(job))
      }
      try await write(answer, to: writer)
    }
    routes.serverStreaming(WorkerCall.generate.served(as: ProtoGenerationResponse.self)) {
      [self] job, _, writer in
      let answer = try await work.run(bytes: job.request.count, client: job.client) {
        try self.loaded().generate(try GenerateJob(job))
      }
      try await write(answer, to: writer)
    }
    routes.serverStreaming(WorkerCall.score.served(as: ProtoScoreResponse.self)) { [self] job, _, writer in
      let scores = try await work.run(bytes: job.request.count, client: job.client) {
        try self.loaded().score(try ScoreJob(job))
      }
      for try await event in scores { try await writer.send(ProtoScoreResponse(event)) }
    }
  }

  /// Writes events as they come; waits while the client does not read.
  private func write(
    _ answer: GenerationStream, to writer: ResponseWriter<ProtoGenerationResponse>
  ) async throws {
    for try await event in answer { try await writer.send(ProtoGenerationResponse(event)) }
  }
}
