import Concurrency
import Glibc
public import Pipeline
import RPC
import Runtime
import Synchronization
import Tokens
import WorkbenchAPI

/// The worker's side of the private protocol: one pipeline behind an RPC server on a socket pair.
public final class WorkerServer: Sendable {
  private let pipeline = Mutex<Pipeline?>(nil)
  private let isLoading = Atomic(false)
  private let plugins: PluginSet
  private let shelf: TokenizerShelf
  /// For rendering without a model.
  private let templates: CompiledTemplates

  /// A worker that holds no model yet.
  public init(plugins: PluginSet = PluginSet()) {
    self.plugins = plugins
    shelf = TokenizerShelf(plugins: plugins)
    templates = CompiledTemplates(plugins: plugins)
  }

  /// Serves on `descriptor` until the other end closes it.
  public func run(descriptor: Int32) async throws {
    var configuration = ServerConfiguration()
    configuration.connectedDescriptors = [descriptor]
    // The daemon cannot connect again: a model that nobody asked anything for a while must stay reachable.
    configuration.connectionIdle = nil
    let server = try Server(configuration: configuration, routes: routes())
    _ = try await server.start()
    await server.waitUntilStopped()
  }

  func routes() -> RouteTable {
    var routes = RouteTable()
    routes.serverStreaming(WorkerMethods.load) { [self] request, _, writer in try await load(request, writer)
    }
    routes.unary(WorkerMethods.useTokenizer) { [self] request, _ in
      let before = try loaded()
      let reference = request.tokenizer.isEmpty ? nil : request.tokenizer
      // Reading a large vocabulary takes a second or two.
      let after = try await OwnThread.run { try before.using(tokenizer: reference) }
      pipeline.withLock { $0 = after }
      return WorkerLoadedModel(after.description)
    }
    routes.serverStreaming(WorkerMethods.chat) { [self] job, _, writer in
      try await forward(try await loaded().chat(try ChatJob(job)), to: writer)
    }
    routes.serverStreaming(WorkerMethods.generate) { [self] job, _, writer in
      try await forward(try await loaded().generate(try GenerateJob(job)), to: writer)
    }
    routes.unary(WorkerMethods.render) { [self] job, _ in
      let job = try RenderJob(job)
      guard let pipeline = pipeline.withLock({ $0 }) else {
        return ProtoRenderTemplateResponse(try TemplateRendering.render(job, templates))
      }
      return ProtoRenderTemplateResponse(try await pipeline.render(job))
    }
    routes.unary(WorkerMethods.checkTemplate) { [self] template, _ in
      let template = try TemplateSource(template)
      guard let pipeline = pipeline.withLock({ $0 }) else {
        return WorkerCheckedTemplate(TemplateRendering.check(template))
      }
      return WorkerCheckedTemplate(try await pipeline.check(template))
    }
    routes.unary(WorkerMethods.tokenize) { [self] request, _ in
      if request.hasTokenizer {
        // Reading a large vocabulary takes a second or two.
        return try await OwnThread.run { [shelf] in
          ProtoTokenizeResponse(
            try shelf.tokenize(
              request.tokenizer, [UInt8](request.text), addSpecial: request.addSpecial,
              parseSpecial: request.parseSpecial))
        }
      }
      let tokens = try await loaded().tokenize(
        [UInt8](request.text), addSpecial: request.addSpecial, parseSpecial: request.parseSpecial)
      return ProtoTokenizeResponse(tokens)
    }
    routes.unary(WorkerMethods.detokenize) { [self] request, _ in
      let ids = try request.ids.map { try TokenID(checked: $0, field: "ids") }
      return ProtoDetokenizeResponse(try await loaded().detokenize(ids, skipSpecial: request.skipSpecial))
    }
    routes.unary(WorkerMethods.compareTokenizers) { [shelf] request, _ in
      try await OwnThread.run {
        ProtoCompareTokenizersResponse(
          try shelf.compare(request.left, request.right, text: request.text))
      }
    }
    routes.unary(WorkerMethods.samplers) { [plugins] _, _ in
      var response = ProtoListSamplersResponse()
      response.samplers = plugins.samplerDescriptors.map { ProtoSampler($0) }
      return response
    }
    routes.unary(WorkerMethods.status) { [self, plugins] _, _ in
      var status = try await pipeline.withLock({ $0 })?.status() ?? RuntimeStatus()
      status.residentBytes = ProcessMemory.residentBytes()
      status.plugins = plugins.use
      return WorkerStatusResponse(status)
    }
    return routes
  }

  private func load(_ request: ProtoLoadModelRequest, _ writer: ResponseWriter<WorkerLoadEvent>) async throws
  {
    guard !isLoading.exchange(true, ordering: .relaxed) else {
      throw WorkbenchError(.failedPrecondition, "this worker has a model already")
    }
    let source = try ModelSource(request)
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
      // A refused file leaves nothing behind: this worker may be asked again.
      isLoading.store(false, ordering: .relaxed)
      throw error
    }
    self.pipeline.withLock { $0 = pipeline }
    var event = WorkerLoadEvent()
    event.loaded = WorkerLoadedModel(pipeline.description)
    try await writer.send(event)
  }

  private func loaded() throws -> Pipeline {
    guard let pipeline = pipeline.withLock({ $0 }) else {
      throw WorkbenchError(.failedPrecondition, "this worker has no model yet")
    }
    return pipeline
  }
}
