import BuiltIns
public import Logging
public import Runtime

/// The models that a daemon hosts, their workers, and the template and preset that each request gets.
///
/// It knows neither networking nor tensors; everything that reads untrusted bytes runs in a `Worker`.
public actor ModelHost {
  struct Entry {
    var source: ModelSource
    var setTemplate: String?
    var setPreset: String?
    let worker: SupervisedWorker<LoadedModel>
    var loaded: LoadedModel?
    var loadedAt: Double

    /// The sampler preset of requests that do not name one: the one that is set, or the model card's.
    var preset: String? {
      setPreset ?? ModelCard.profile(title: loaded?.title ?? "", path: source.path)?.preset
    }
  }

  private var entries: [String: Entry] = [:]
  private var order: [String] = []
  private var isDraining = false
  private let pool: WorkerPool
  /// The plugin libraries that were found, and which of them are in use.
  let plugins: PluginRoster
  /// The templates that requests may name.
  var templates = TemplateCatalogue()
  /// The sampler presets that requests may name.
  var presets = PresetCatalogue(plugins: [])
  let log: Logger
  /// Answers requests that name no model.
  let utility: SupervisedWorker<Void>

  /// A host with the built-in templates and presets, without models and plugins.
  public init(launcher: any WorkerLauncher, log: Logger) {
    self.log = log
    plugins = PluginRoster(log: log)
    pool = WorkerPool(launcher: launcher, plugins: plugins)
    utility = SupervisedWorker(model: nil, pool: pool, log: log)
  }

  // MARK: Models

  /// Loads a model file under `name`, or under the file's base name.
  ///
  /// - Parameters:
  ///   - template: The template of its chats; nil: chosen by `TemplateCatalogue`.
  ///   - preset: The sampler preset of requests that do not name one; nil: the model card's, if the card is
  ///     known.
  /// - Throws: `WorkbenchError`: `.alreadyExists`, `.resourceExhausted`, or what the worker found in the
  ///   file.
  public func load(
    _ source: ModelSource, name: String?, template: String? = nil, preset: String? = nil,
    progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws -> ModelRecord {
    try refuseWhenDraining()
    let name = try ModelName.check(name ?? ModelName.fromPath(source.path))
    guard entries[name] == nil else {
      throw WorkbenchError(
        .alreadyExists, "a model named '\(name)' is already loaded; unload it or choose another name",
        field: "name"
      )
    }
    guard entries.count < HostLimits.models else {
      throw WorkbenchError(
        .resourceExhausted, "\(HostLimits.models) models are loaded, which is the limit; unload one first")
    }
    try check(tokenizer: source.tokenizer)
    if let preset { _ = try presets.preset(preset, field: "preset") }
    let worker = SupervisedWorker<LoadedModel>(model: name, pool: pool, log: log)
    entries[name] = Entry(
      source: source, setTemplate: template, setPreset: preset, worker: worker, loaded: nil, loadedAt: 0)
    order.append(name)
    do {
      let running = try await withTaskCancellationHandler {
        try await worker.running { try await $0.load(source, progress: progress) }
      } onCancel: {
        Task { await worker.close() }
      }
      if let template { _ = try templates.template(template, of: running.prepared) }
      guard entries[name]?.worker === worker else {
        throw WorkbenchError(.cancelled, "'\(name)' was unloaded while it was loading")
      }
      entries[name]?.loaded = running.prepared
      entries[name]?.loadedAt = ModelName.secondsSince1970()
      log.info(
        "model loaded", metadata: ["name": "\(name)", "pid": .stringConvertible(running.worker.processID)])
      return try await record(name)
    } catch {
      await worker.close()
      if entries[name]?.worker === worker { forget(name) }
      throw error
    }
  }

  /// Ends the model's worker; its streams end with `.unavailable`.
  public func unload(_ name: String) async throws {
    let entry = try entry(name)
    forget(name)
    await entry.worker.close()
    log.info("model unloaded", metadata: ["name": "\(name)"])
  }

  /// Every model, in the order of loading.
  public func records() async -> [ModelRecord] {
    var result: [ModelRecord] = []
    for name in order {
      if let record = try? await record(name) { result.append(record) }
    }
    return result
  }

  /// One model.
  public func record(_ name: String) async throws -> ModelRecord {
    let entry = try entry(name)
    await entry.worker.noteDeath()
    let loaded = entry.loaded ?? LoadedModel()
    var record = ModelRecord(
      name: name, source: entry.source, state: .down, loaded: loaded,
      template: templates.defaultName(set: entry.setTemplate, model: loaded, path: entry.source.path) ?? "",
      preset: entry.preset ?? "", processID: 0, restarts: await entry.worker.restarts,
      lastFailure: await entry.worker.lastFailure,
      loadedAt: entry.loadedAt)
    switch await entry.worker.state {
    case .running(let running):
      record.processID = running.worker.processID
      record.state = running.worker.isAlive ? .ready : .down
    case .starting: record.state = .loading
    case .idle, .closed: record.state = .down
    }
    return record
  }

  /// What the worker of a model is doing; nil while there is none.
  public func status(_ name: String) async -> WorkerStatus? {
    guard let entry = entries[name], case .running(let running) = await entry.worker.state else { return nil }
    return try? await running.worker.status()
  }

  // MARK: Requests

  /// Streams the answer to a `ChatRequest`.
  public func chat(
    _ request: EncodedMessage, model: String, template: TemplateChoice, samplers: SamplerNames
  ) async throws -> EncodedStream {
    let entry = try entry(model)
    let preset = try presets.resolve(samplers, model: entry.preset)
    try plugins.check(samplers, preset)
    return try await generation(model) { [templates, plugins] running in
      let source = try templates.resolve(
        template, model: running.prepared, path: entry.source.path, set: entry.setTemplate)
      try plugins.check(source)
      return try await running.worker.stream(
        RelayedRequest(.chat, request, template: source, preset: preset))
    }
  }

  /// Streams the continuation that a `GenerateRequest` asks for.
  public func generate(
    _ request: EncodedMessage, model: String, samplers: SamplerNames
  ) async throws -> EncodedStream {
    let preset = try presets.resolve(samplers, model: try entry(model).preset)
    try plugins.check(samplers, preset)
    return try await generation(model) {
      try await $0.worker.stream(RelayedRequest(.generate, request, preset: preset))
    }
  }

  /// Answers a `RenderTemplateRequest`, with the model's BOS, EOS and tokenizer when there is one.
  public func render(
    _ request: EncodedMessage, model: String?, template: TemplateChoice
  ) async throws -> EncodedMessage {
    try refuseWhenDraining()
    let (worker, source) = try await worker(for: template, model: model)
    return try await worker.answer(RelayedRequest(.render, request, template: source))
  }

  /// Answers any other request of the API that a worker answers.
  public func answer(
    _ call: WorkerCall, _ request: EncodedMessage, by choice: WorkerChoice
  ) async throws -> EncodedMessage {
    try refuseWhenDraining()
    let worker: any Worker
    var relayed = RelayedRequest(call, request)
    switch choice {
    case .model(let name): worker = try await running(name).worker
    case .utility(let tokenizers):
      relayed.files = tokenizers
      for reference in tokenizers { try check(tokenizer: reference) }
      worker = try await utility.running { _ in }.worker
    }
    return try await worker.answer(relayed)
  }

  // MARK: Ending

  /// Refuses new requests from now on and cancels loads; running streams may finish.
  public func drain() async {
    isDraining = true
    for entry in entries.values {
      if case .starting = await entry.worker.state { await entry.worker.close() }
    }
  }

  /// Whether new work is refused.
  public var draining: Bool { isDraining }

  /// Ends every worker.
  public func stop() async {
    isDraining = true
    for name in order { await entries[name]?.worker.close() }
    await utility.close()
    await pool.close()
    entries = [:]
    order = []
  }

  // MARK: -

  /// Starts a stream; tries once more if the worker was killed before it had answered anything, which is not
  /// the request's fault.
  private func generation(
    _ model: String,
    _ start: @Sendable (SupervisedWorker<LoadedModel>.Running) async throws -> EncodedStream
  ) async throws -> EncodedStream {
    let first = try await running(model)
    do {
      return try await start(first)
    } catch let error as WorkbenchError where error.kind == .unavailable {
      guard !first.worker.isAlive, await first.worker.waitForExit() == .signal(9) else { throw error }
      return try await start(try await running(model))
    }
  }

  func running(_ name: String) async throws -> SupervisedWorker<LoadedModel>.Running {
    try refuseWhenDraining()
    let entry = try entry(name)
    try check(tokenizer: entry.source.tokenizer)
    return try await entry.worker.running { [source = entry.source] in
      try await $0.load(source) { _ in }
    }
  }

  func entry(_ name: String) throws -> Entry {
    if let entry = entries[name] { return entry }
    let known = order.isEmpty ? "no model is loaded" : "loaded: \(order.joined(separator: ", "))"
    throw WorkbenchError(.notFound, "no model is named '\(name)'; \(known)", field: "model")
  }

  /// The models whose chats use the template `name` because it was set for them.
  func models(using name: String) -> [String] {
    order.filter { model in
      entries[model]?.setTemplate.map { $0 == name || $0.hasPrefix(name + "@") } ?? false
    }
  }

  /// The running workers with the names of their models; nil for the worker without a model.
  func runningWorkers() async -> [(model: String?, worker: any Worker)] {
    var workers: [(model: String?, worker: any Worker)] = []
    for name in order {
      await entries[name]?.worker.noteDeath()
      if case .running(let running)? = await entries[name]?.worker.state {
        workers.append((name, running.worker))
      }
    }
    await utility.noteDeath()
    if case .running(let running) = await utility.state { workers.append((nil, running.worker)) }
    return workers
  }

  /// Sets a model's template; nil clears it.
  func setTemplate(_ name: String?, of model: String) { entries[model]?.setTemplate = name }

  /// Sets a model's sampler preset; nil clears it.
  func setPreset(_ name: String?, of model: String) { entries[model]?.setPreset = name }

  /// Sets the tokenizer that a model's next worker loads; nil: the file's own.
  func setTokenizer(_ tokenizer: String?, of model: String) { entries[model]?.source.tokenizer = tokenizer }

  /// Sets the worker's description of a model.
  func setLoaded(_ loaded: LoadedModel, of model: String) {
    entries[model]?.loaded = loaded
  }

  private func forget(_ name: String) {
    entries[name] = nil
    order.removeAll { $0 == name }
  }

  func refuseWhenDraining() throws {
    guard !isDraining else {
      throw WorkbenchError(.unavailable, "the daemon is shutting down and takes no new requests")
    }
  }
}
