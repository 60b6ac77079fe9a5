import Concurrency
public import Logging
public import Runtime
import State

/// The models that a daemon hosts, their workers, and the template and preset that each request gets.
///
/// It knows neither networking nor tensors; everything that reads untrusted bytes runs in a `Worker`.
public actor ModelHost {
  private(set) var models: [String: HostedModel] = [:]
  private var order: [String] = []
  /// The models of the configuration that have not been loaded yet.
  var expected: Set<String> = []
  private(set) var isDraining = false
  /// The newest status of each worker that runs.
  var readings: [ObjectIdentifier: StatusReading] = [:]
  private let pool: WorkerPool
  let patience: HostPatience
  /// The plugin libraries that were found, and which of them are in use.
  let plugins: PluginRoster
  /// The templates that requests may name.
  var templates = TemplateCatalogue()
  /// The sampler presets that requests may name.
  var presets = PresetCatalogue(plugins: [])
  /// The profiles that requests may name.
  var profiles = ProfileCatalogue(files: [])
  /// The profiles of files, by name.
  var fileProfiles: [String: Profile] = [:]
  /// The presets of files, by name.
  var filePresets: [String: SamplerPreset] = [:]
  /// Where what is set and put is kept; nil: nowhere.
  var state: StateFile?
  /// The texts of files as they were when an earlier daemon ended; what is the same now is nothing new.
  var filesBefore: [String: String] = [:]
  /// Changes to the templates, one after another.
  let templateChanges = TurnQueue()
  let log: Logger
  /// Answers requests that name no model.
  let utility: SupervisedWorker<Void>
  /// Changes of what `health` says.
  public nonisolated let changes = StateChanges()
  /// Reads the tokenizers that requests name: a file that ends this worker takes nothing from anybody else.
  let tokenizers: SupervisedWorker<Void>

  /// A host with the built-in templates and presets, without models and plugins.
  public init(
    launcher: any WorkerLauncher, log: Logger, patience: HostPatience = HostPatience()
  ) {
    self.log = log
    self.patience = patience
    plugins = PluginRoster(log: log)
    pool = WorkerPool(launcher: launcher, plugins: plugins, patience: patience.idleWorker, log: log)
    utility = SupervisedWorker(model: nil, pool: pool, log: log) { _, _ in }
    tokenizers = SupervisedWorker(model: nil, pool: pool, log: log) { _, _ in }
  }

  // MARK: Models

  /// Loads a model file under `name`, or under the file's base name; takes the place of a model whose file has changed.
  ///
  /// What was set for a model of this name earlier applies again: instead of what the configuration says, but not instead
  /// of what a client asks for.
  ///
  /// - Parameters:
  ///   - template: The template of its chats; nil: chosen by `TemplateCatalogue`.
  ///   - preset: The sampler preset of requests that do not name one; nil: the samplers of the profile.
  ///   - profile: The profile of requests that do not name one; nil: the model card's, if the card is known.
  ///   - isConfigured: Whether the configuration names it, so that its name is kept for it from the start.
  /// - Throws: `WorkbenchError`: `.alreadyExists`, `.resourceExhausted`, or what the worker found in the
  ///   file.
  public func load(
    _ source: ModelSource, name: String?, template: String? = nil, preset: String? = nil,
    profile: String? = nil, isConfigured: Bool = false,
    progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws -> ModelRecord {
    let name = try ModelName.check(name ?? ModelName.fromPath(source.path))
    let start = StartSettings(
      kept: try await state?.settings(of: name) ?? ModelSettings(),
      given: ModelSettings(
        template: template, tokenizer: source.tokenizer, preset: preset, profile: profile),
      prefersKept: isConfigured)
    try await makeWay(for: name)
    // From here to the entry in `models` nothing waits, so that what was checked still holds there.
    try refuseWhenDraining()
    guard isConfigured || !expected.contains(name) else {
      throw WorkbenchError(
        .alreadyExists,
        "the daemon's configuration names a model '\(name)', which will be loaded soon; choose another name",
        field: "name")
    }
    guard models.count < HostLimits.models else {
      throw WorkbenchError(
        .resourceExhausted, "\(HostLimits.models) models are loaded, which is the limit; unload one first")
    }
    var source = source
    source.tokenizer = start.tokenizer.name
    if start.tokenizer.isKept { source.tokenizerRefusesLinks = false }
    try check(tokenizer: source.tokenizer)
    // What is not ours may be the file's, which the worker finds out before it packs the weights.
    if let template = start.template.name, !start.template.isKept, !templates.shared.has(template) {
      source.ownTemplate = template
    }
    let model = HostedModel(name, source, worker: worker(for: name, source, progress: progress))
    model.setTemplate = start.template.name
    model.setPreset = try present(start.preset, "preset", of: model) { _ = try presets.preset($0, field: $1) }
    model.setProfile = try present(start.profile, "profile", of: model, profiles.check)
    models[name] = model
    order.append(name)
    return try await finishLoad(of: model, start)
  }

  /// What a new model begins with; nil for what was set earlier and is gone.
  ///
  /// - Parameter check: Throws if nothing has the name; its second argument is the field of the request.
  private func present(
    _ choice: StartSettings.Choice, _ field: String, of model: HostedModel,
    _ check: (_ name: String, _ field: String) throws -> Void
  ) throws -> String? {
    guard let name = choice.name else { return nil }
    do {
      try check(name, field)
      return name
    } catch {
      guard choice.isKept else { throw error }
      setAside("the \(field) '\(name)', which was set for it, does not exist any more", model)
      return nil
    }
  }

  private func setAside(_ what: String, _ model: HostedModel) {
    model.setAside.append(what)
    log.warning("setting not used", metadata: ["name": "\(model.name)", "why": "\(what)"])
  }

  /// - Throws: `.alreadyExists` unless the name is free, or taken by a model that cannot come back by itself.
  private func makeWay(for name: String) async throws {
    while let before = models[name] {
      guard case .failed = await before.worker.state else {
        throw WorkbenchError(
          .alreadyExists, "a model named '\(name)' is already loaded; unload it or choose another name",
          field: "name")
      }
      forget(before)
      await before.worker.close()
    }
  }

  private func worker(
    for name: String, _ source: ModelSource, progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) -> SupervisedWorker<LoadedModel> {
    SupervisedWorker(
      model: name, pool: pool, log: log, changes: changes, prepare: Self.preparation(source, progress))
  }

  /// Loads the model as it was at its first load: a fresh worker must not come up with another file.
  static func preparation(
    _ source: ModelSource, _ progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) -> SupervisedWorker<LoadedModel>.Preparation {
    { worker, before in
      var source = source
      source.fileState = before?.fileState
      return try await worker.load(source, progress: progress)
    }
  }

  private func finishLoad(of model: HostedModel, _ start: StartSettings) async throws -> ModelRecord {
    let worker = model.worker
    do {
      let running = try await withTaskCancellationHandler {
        try await worker.running()
      } onCancel: {
        Task { await worker.close() }
      }
      if let template = model.setTemplate {
        do {
          _ = try templates.template(template, of: running.prepared)
        } catch {
          guard start.template.isKept else { throw error }
          model.setTemplate = nil
          setAside("the template '\(template)', which was set for it, does not exist any more", model)
        }
      }
      guard isCurrent(model) else {
        throw WorkbenchError(.cancelled, "'\(model.name)' was unloaded while it was loading")
      }
      model.loadedAt = ModelName.secondsSince1970()
      expected.remove(model.name)
      changes.raise()
      log.info(
        "model loaded",
        metadata: ["name": "\(model.name)", "pid": .stringConvertible(running.worker.processID)])
      return await record(of: model)
    } catch {
      await worker.close()
      forget(model)
      guard start.tokenizer.isKept, var failure = error as? WorkbenchError else { throw error }
      failure.message +=
        "; '\(model.source.tokenizer ?? "")' was set as its tokenizer earlier: name another one, or an empty one for the "
        + "file's own"
      throw failure
    }
  }

  /// Ends the model's worker; its streams end with `.unavailable`.
  public func unload(_ name: String) async throws {
    let model = try entry(name)
    forget(model)
    await model.worker.close()
    log.info("model unloaded", metadata: ["name": "\(name)"])
  }

  // MARK: Requests

  /// Streams the answer to a `ChatRequest`.
  public func chat(
    _ request: EncodedMessage, model name: String, template: TemplateChoice, samplers: SamplerNames
  ) async throws -> EncodedStream {
    try await generation(try entry(name)) { model, running in
      let defaults = try defaults(of: model, running.prepared, samplers)
      let (source, profile) = try self.template(template, of: model, running.prepared, defaults.profile)
      return RelayedRequest(.chat, request, template: source, preset: defaults.preset, profile: profile)
    }
  }

  /// Streams the continuation that a `GenerateRequest` asks for.
  public func generate(
    _ request: EncodedMessage, model name: String, samplers: SamplerNames
  ) async throws -> EncodedStream {
    try await generation(try entry(name)) { model, running in
      let defaults = try defaults(of: model, running.prepared, samplers)
      return RelayedRequest(
        .generate, request, preset: defaults.preset, profile: defaults.profile?.profile)
    }
  }

  /// Streams the scores that a `ScoreRequest` asks for.
  ///
  /// - Parameters:
  ///   - template: The template of messages; nil: the request has none.
  ///   - profile: The profile of messages; nil: the model's.
  public func score(
    _ request: EncodedMessage, model name: String, template: TemplateChoice?, profile: String?
  ) async throws -> EncodedStream {
    try await generation(try entry(name)) { model, running in
      guard let template else { return RelayedRequest(.score, request) }
      let chosen = try profiles.choose(
        request: profile, set: model.setProfile, model: running.prepared, path: model.source.path)
      let (source, used) = try self.template(template, of: model, running.prepared, chosen)
      return RelayedRequest(.score, request, template: source, profile: used)
    }
  }

  /// Answers a `RenderTemplateRequest`, with the model's BOS, EOS and tokenizer when there is one.
  public func render(
    _ request: EncodedMessage, model: String?, template: TemplateChoice, profile: String? = nil
  ) async throws -> EncodedMessage {
    try refuseWhenDraining()
    let (worker, source, profile) = try await worker(for: template, model: model, profile: profile)
    return try await worker.answer(RelayedRequest(.render, request, template: source, profile: profile))
  }

  /// Answers any other request of the API that a worker answers.
  ///
  /// - Parameter refusesLinks: Whether the paths in it are opened without following symbolic links.
  public func answer(
    _ call: WorkerCall, _ request: EncodedMessage, by choice: WorkerChoice, refusesLinks: Bool = false
  ) async throws -> EncodedMessage {
    try refuseWhenDraining()
    let worker: any Worker
    var relayed = RelayedRequest(call, request, refusesLinks: refusesLinks)
    switch choice {
    case .model(let name): worker = try await running(try entry(name)).worker
    case .utility(let references):
      relayed.files = references
      for reference in references { try check(tokenizer: reference) }
      worker = try await (references.isEmpty ? utility : tokenizers).running().worker
    }
    return try await worker.answer(relayed)
  }

  /// Lets a worker of its own answer a `ConvertModelRequest`, and hands its stream to `body`; the worker ends with it.
  public func convert(
    _ request: EncodedMessage, file: String, refusesLinks: Bool,
    _ body: @Sendable (EncodedStream) async throws -> Void
  ) async throws {
    try refuseWhenDraining()
    let worker = try await pool.take()
    defer { worker.terminate() }
    var relayed = RelayedRequest(.convert, request, refusesLinks: refusesLinks)
    relayed.files = [file]
    try await body(try await worker.stream(relayed))
  }

  // MARK: Ending

  /// Refuses new requests from now on and cancels loads; running streams may finish.
  public func drain() async {
    isDraining = true
    changes.raise()
    for model in Array(models.values) { await model.worker.stopStarting() }
    await utility.stopStarting()
    await tokenizers.stopStarting()
  }

  /// Whether new work is refused.
  public var draining: Bool { isDraining }

  /// Ends every worker.
  public func stop() async {
    isDraining = true
    for model in Array(models.values) { await model.worker.close() }
    await utility.close()
    await tokenizers.close()
    await pool.close()
    models = [:]
    order = []
  }

  // MARK: -

  /// Starts a stream; tries once more if the worker was killed before it had answered anything, which is not
  /// the request's fault.
  private func generation(
    _ model: HostedModel,
    _ request: (HostedModel, SupervisedWorker<LoadedModel>.Running) throws -> RelayedRequest
  ) async throws -> EncodedStream {
    let first = try await running(model)
    do {
      return try await first.worker.stream(try request(model, first))
    } catch let error as WorkbenchError where error.kind == .unavailable {
      guard !first.worker.isAlive, await first.worker.waitForExit() == .signal(9) else { throw error }
      let second = try await running(model)
      return try await second.worker.stream(try request(model, second))
    }
  }

  func running(_ model: HostedModel) async throws -> SupervisedWorker<LoadedModel>.Running {
    try refuseWhenDraining()
    try check(tokenizer: model.source.tokenizer)
    return try await model.worker.running()
  }

  func entry(_ name: String) throws -> HostedModel {
    if let model = models[name] { return model }
    let known = order.isEmpty ? "no model is loaded" : "loaded: \(order.joined(separator: ", "))"
    throw WorkbenchError(.notFound, "no model is named '\(name)'; \(known)", field: "model")
  }

  /// Every model, in the order of loading.
  var all: [HostedModel] { order.compactMap { models[$0] } }

  /// Whether it has not been unloaded.
  func isCurrent(_ model: HostedModel) -> Bool { models[model.name] === model }

  /// Runs `body` after the changes of this model that began earlier, and before later ones.
  func inTurn<Result>(_ model: HostedModel, _ body: () async throws -> Result) async throws -> Result {
    try await model.changes.run {
      guard isCurrent(model) else { throw WorkbenchError(.notFound, "'\(model.name)' was unloaded") }
      return try await body()
    }
  }

  private func forget(_ model: HostedModel) {
    guard isCurrent(model) else { return }
    models[model.name] = nil
    order.removeAll { $0 == model.name }
    changes.raise()
  }

  func refuseWhenDraining() throws {
    guard !isDraining else { throw WorkbenchError.shuttingDown }
  }
}
