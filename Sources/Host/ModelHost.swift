public import Logging
public import Runtime
public import Tokens

/// The models that a daemon hosts: which there are, which worker has which, and which template a request gets.
///
/// Knows neither the network nor what a tensor is; everything that is fed untrusted bytes happens in a `Worker`.
public actor ModelHost {
  struct Entry {
    var source: ModelSource
    var setTemplate: String?
    var setPreset: String?
    let worker: SupervisedWorker<ModelDescription>
    var description: ModelDescription?
    var loadedAt: Double

    /// The sampler preset of requests that leave the choice: the one that is set, or the model card's.
    var preset: String? {
      setPreset ?? ModelCard.profile(title: description?.title ?? "", path: source.path)?.preset
    }
  }

  private var entries: [String: Entry] = [:]
  private var order: [String] = []
  private var isDraining = false
  private let pool: WorkerPool
  /// The plugin libraries that were found, and what came of them.
  let plugins: PluginRoster
  /// What requests may name; swapped as a whole between two of them.
  var templates = TemplateCatalogue()
  /// The sampler presets that requests may name.
  var presets = PresetCatalogue(plugins: [])
  let log: Logger
  /// Renders and checks templates for requests that name no model.
  let utility: SupervisedWorker<Void>
  /// Looks for edits in the folders of templates.
  var watch: Task<Void, Never>?

  /// A host without models, with what ships and the templates of libraries.
  ///
  /// - Parameter plugins: What was found; workers open those that were accepted.
  /// - Throws: `WorkbenchError` when the libraries have too many templates.
  public init(launcher: any WorkerLauncher, plugins: [PluginRecord] = [], log: Logger) throws {
    self.log = log
    self.plugins = PluginRoster(plugins, log: log)
    for plugin in plugins where plugin.refusal == nil {
      for offer in plugin.offers where offer.kind == "template" {
        _ = try templates.shared.put(
          TemplateSource(name: offer.name, source: "", origin: .library, summary: offer.summary))
      }
    }
    pool = WorkerPool(launcher: launcher, plugins: self.plugins)
    utility = SupervisedWorker(name: "templates", pool: pool, log: log)
  }

  // MARK: Models

  /// Loads a model file under `name`, or under the file's base name.
  ///
  /// - Parameters:
  ///   - template: The template of its chats; nil: as `TemplateCatalogue` has it.
  ///   - preset: The sampler preset of requests that leave the choice; nil: the model card's, if it is a known one.
  /// - Throws: `WorkbenchError`: `.alreadyExists`, `.resourceExhausted`, or what the worker found in the file.
  public func load(
    _ source: ModelSource, name: String?, template: String? = nil, preset: String? = nil,
    progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws -> ModelRecord {
    try refuseWhenDraining()
    let name = try ModelName.check(name ?? ModelName.fromPath(source.path))
    guard entries[name] == nil else {
      throw WorkbenchError(
        .alreadyExists, "a model called \"\(name)\" is there already; unload it or pick a name", field: "name"
      )
    }
    guard entries.count < HostLimits.models else {
      throw WorkbenchError(
        .resourceExhausted, "\(HostLimits.models) models are loaded, the most there may be")
    }
    try check(tokenizer: source.tokenizer)
    if let preset { _ = try presets.preset(preset, field: "preset") }
    let worker = SupervisedWorker<ModelDescription>(name: name, pool: pool, log: log)
    entries[name] = Entry(
      source: source, setTemplate: template, setPreset: preset, worker: worker, description: nil, loadedAt: 0)
    order.append(name)
    do {
      let running = try await withTaskCancellationHandler {
        try await worker.running { try await $0.load(source, progress: progress) }
      } onCancel: {
        Task { await worker.close() }
      }
      if let template { _ = try templates.template(template, of: running.prepared) }
      guard entries[name]?.worker === worker else {
        throw WorkbenchError(.cancelled, "\"\(name)\" was unloaded while it was loading")
      }
      entries[name]?.description = running.prepared
      entries[name]?.loadedAt = ModelName.secondsSince1970()
      log.info("model loaded", metadata: ["name": "\(name)", "pid": "\(running.worker.processID)"])
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
    let description = entry.description ?? ModelDescription()
    var record = ModelRecord(
      name: name, source: entry.source, state: .down, description: description,
      template: templates.defaultName(set: entry.setTemplate, model: description, path: entry.source.path)
        ?? "",
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

  /// What the engine of a running model is doing; nil while it has no worker.
  public func status(_ name: String) async -> RuntimeStatus? {
    guard let entry = entries[name], case .running(let running) = await entry.worker.state else { return nil }
    return try? await running.worker.status()
  }

  // MARK: Requests

  /// Streams the answer to a conversation.
  public func chat(
    model: String, input: PromptInput, template: TemplateChoice, options: GenerationOptions
  ) async throws -> GenerationStream {
    let entry = try entry(model)
    let options = try presets.resolve(options, model: entry.preset)
    try plugins.check(options)
    return try await generation(model) { [templates, plugins] running in
      let source = try templates.resolve(
        template, model: running.prepared, path: entry.source.path, set: entry.setTemplate)
      try plugins.check(source)
      return try await running.worker.chat(
        ChatJob(model: model, input: input, template: source, options: options))
    }
  }

  /// Streams the continuation of a text or of token ids.
  public func generate(_ job: GenerateJob) async throws -> GenerationStream {
    var job = job
    job.options = try presets.resolve(job.options, model: try entry(job.model).preset)
    try plugins.check(job.options)
    return try await generation(job.model) { [job] in try await $0.worker.generate(job) }
  }

  /// Renders a template, with the model's BOS, EOS and tokenizer when there is one.
  public func render(
    model: String?, template: TemplateChoice, input: PromptInput, bosToken: String?, eosToken: String?
  ) async throws -> (rendered: RenderedText, template: TemplateSource) {
    try refuseWhenDraining()
    let (worker, source) = try await worker(for: template, model: model)
    let job = RenderJob(input: input, template: source, bosToken: bosToken, eosToken: eosToken)
    return (try await worker.render(job), source)
  }

  /// Text to token ids.
  public func tokenize(
    with choice: TokenizerChoice, text: [UInt8], addSpecial: Bool, parseSpecial: Bool
  ) async throws -> [TextToken] {
    try refuseWhenDraining()
    switch choice {
    case .model(let name):
      return try await running(name).worker.tokenize(text, addSpecial: addSpecial, parseSpecial: parseSpecial)
    case .tokenizer(let reference):
      try check(tokenizer: reference)
      return try await utility.running { _ in }.worker.tokenize(
        with: reference, text, addSpecial: addSpecial, parseSpecial: parseSpecial)
    }
  }

  /// What two tokenizers, of files or plugins, make of the same lines.
  public func compareTokenizers(_ left: String, _ right: String, text: String) async throws -> TokenizerReport
  {
    try refuseWhenDraining()
    for reference in [left, right] { try check(tokenizer: reference) }
    return try await utility.running { _ in }.worker.compareTokenizers(left, right, text: text)
  }

  /// Token ids to bytes.
  public func detokenize(model: String, ids: [TokenID], skipSpecial: Bool) async throws -> [UInt8] {
    try await running(model).worker.detokenize(ids, skipSpecial: skipSpecial)
  }

  // MARK: Ending

  /// Refuses new work from now on and gives up loads; what runs may end.
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
    watch?.cancel()
    for name in order { await entries[name]?.worker.close() }
    await utility.close()
    await pool.close()
    entries = [:]
    order = []
  }

  // MARK: -

  /// Starts a stream; once more when the worker died before it had answered anything by no fault of the request.
  private func generation(
    _ model: String,
    _ start: @Sendable (SupervisedWorker<ModelDescription>.Running) async throws -> GenerationStream
  ) async throws -> GenerationStream {
    let first = try await running(model)
    do {
      return try await start(first)
    } catch let error as WorkbenchError where error.kind == .unavailable {
      guard !first.worker.isAlive, await first.worker.waitForExit() == .signal(9) else { throw error }
      return try await start(try await running(model))
    }
  }

  func running(_ name: String) async throws -> SupervisedWorker<ModelDescription>.Running {
    try refuseWhenDraining()
    let entry = try entry(name)
    try check(tokenizer: entry.source.tokenizer)
    return try await entry.worker.running { [source = entry.source] in
      try await $0.load(source) { _ in }
    }
  }

  func entry(_ name: String) throws -> Entry {
    if let entry = entries[name] { return entry }
    let known = order.isEmpty ? "none is loaded" : "loaded: \(order.joined(separator: ", "))"
    throw WorkbenchError(.notFound, "no model is called \"\(name)\"; \(known)", field: "model")
  }

  /// The models whose chats use the template `name` because somebody set it.
  func models(using name: String) -> [String] {
    order.filter { model in
      entries[model]?.setTemplate.map { $0 == name || $0.hasPrefix(name + "@") } ?? false
    }
  }

  /// The workers that run, with the names of their models; nil for the one that has none.
  func runningWorkers() async -> [(model: String?, worker: any Worker)] {
    var workers: [(model: String?, worker: any Worker)] = []
    for name in order {
      if case .running(let running)? = await entries[name]?.worker.state {
        workers.append((name, running.worker))
      }
    }
    if case .running(let running) = await utility.state { workers.append((nil, running.worker)) }
    return workers
  }

  /// Sets what `Entry.setTemplate` says.
  func setTemplate(_ name: String?, of model: String) { entries[model]?.setTemplate = name }

  /// Sets what `Entry.setPreset` says.
  func setPreset(_ name: String?, of model: String) { entries[model]?.setPreset = name }

  /// Sets what the next worker of a model is to load.
  func setTokenizer(_ tokenizer: String?, of model: String) { entries[model]?.source.tokenizer = tokenizer }

  /// Sets what a model's worker says of it.
  func setDescription(_ description: ModelDescription, of model: String) {
    entries[model]?.description = description
  }

  private func forget(_ name: String) {
    entries[name] = nil
    order.removeAll { $0 == name }
  }

  func refuseWhenDraining() throws {
    guard !isDraining else {
      throw WorkbenchError(.unavailable, "the daemon is stopping and takes no new work")
    }
  }
}
