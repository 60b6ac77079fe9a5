import Engine
import Inference
import ModelFormats
public import Runtime
import Sampling
import Tokenizers

extension Pipeline {
  /// Opens, checks and loads a model file or a checkpoint's folder; blocks the calling thread until it is done.
  ///
  /// - Throws: `WorkbenchError` that names the file and what is wrong in it.
  public static func load(
    _ source: ModelSource, plugins: PluginSet = PluginSet(),
    progress: @escaping @Sendable (Runtime.LoadProgress) -> Void
  ) throws -> Pipeline {
    do {
      progress(.init(fraction: 0, stage: "reading metadata"))
      let file = try FileOpening.$refusesLinks.withValue(source.refusesLinks) {
        try ModelFile.open(path: source.path)
      }
      if let state = source.fileState { try file.requireState(state) }
      // What is wrong with the options shows before the weights are packed, which takes long.
      let options = EngineOptions(source)
      try options.check()
      try requireTemplate(source.ownTemplate, in: file)
      let tokenizer = try FileOpening.$refusesLinks.withValue(source.tokenizerRefusesLinks) {
        try plugins.tokenizer(source.tokenizer, of: file)
      }
      let model = try LanguageModel.load(file: file, options: try LoadOptions(source)) { step in
        let stage = source.quantize == nil ? "packing weights" : "quantising and packing weights"
        progress(
          .init(
            fraction: step.fraction, stage: stage, bytesDone: step.bytes, bytesTotal: step.byteCount))
        return true
      }
      let engine = try Engine(model: model, options: options)
      let sampling = FileSampling(file.metadata)
      var description = ModelDescription(file, model)
      description.note(quantize: source.quantize, model.quantizedType)
      description.setAside += sampling.setAside
      return try Pipeline(
        description: description, file: file, tokenizer: tokenizer, model: model,
        engine: engine, plugins: plugins, modelSettings: sampling.settings)
    } catch {
      throw WorkbenchError(wrapping: error, path: source.path)
    }
  }

  /// The same model with another tokenizer: weights, cache and running requests stay as they are.
  ///
  /// - Parameter reference: A path, or the name of a plugin's tokenizer; nil: the model file's own.
  /// - Throws: `WorkbenchError` if it cannot be opened or does not fit the network.
  public func using(tokenizer reference: String?) throws -> Pipeline {
    do {
      // Reading a vocabulary from a file that has changed would mix two models.
      try file.requireIntact()
      let tokenizer = try plugins.tokenizer(reference, of: file)
      return try Pipeline(
        description: description, file: file, tokenizer: tokenizer, model: model, engine: engine,
        plugins: plugins,
        modelSettings: modelSettings)
    } catch {
      throw WorkbenchError(wrapping: error, path: file.path)
    }
  }

  /// Whether the file is still what it was when the model was loaded.
  public var isIntact: Bool { file.stillIntact() }

  /// False when the engine is stuck in a step.
  public var isAdvancing: Bool { engine.isAdvancing }

  private static func requireTemplate(_ name: String?, in file: ModelFile) throws {
    guard let name else { return }
    let own = CheckpointTemplates(file.metadata).templates.map(\.name)
    guard !own.contains(name) else { return }
    throw WorkbenchError(
      .notFound,
      "no template is named '\(name)'; the model file has "
        + (own.isEmpty ? "none" : own.joined(separator: ", ")),
      field: "template")
  }

  /// What the engine is doing.
  public var status: EngineStatus {
    let engine = engine.status
    var status = EngineStatus()
    status.active = engine.active
    status.waiting = engine.waiting
    status.generatedTokens = engine.generatedTokens
    status.prefilledTokens = engine.prefilledTokens
    status.reusedTokens = engine.cachedTokens
    status.cacheUsed = engine.cacheUsed
    status.cacheCapacity = engine.cacheCapacity
    status.steps = engine.steps
    return status
  }
}

extension PluginSet {
  fileprivate func tokenizer(_ reference: String?, of file: ModelFile) throws -> any Tokenizer {
    guard let reference else { return try TokenizerFactory.make(from: file) }
    return try openTokenizer(reference)
  }
}

extension LoadOptions {
  fileprivate init(_ source: ModelSource) throws {
    self.init(
      threads: source.threads, contextLength: source.contextLength,
      cache: source.cacheBytes.map { .bytes($0) } ?? .automatic)
    if let name = source.cacheType {
      let known = CacheType.allCases.map(\.rawValue)
      guard let type = CacheType(rawValue: name) else {
        throw WorkbenchError(
          .invalidArgument,
          "cache_type is '\(name)'; it must be \(known.joined(separator: " or "))",
          field: "cache_type")
      }
      cacheType = type
    }
    quantize = try source.quantize.map {
      try WeightType(named: $0, field: "quantize", among: WeightType.quantized)
    }
  }
}

extension EngineOptions {
  fileprivate init(_ source: ModelSource) {
    self.init()
    if let maxSequences = source.maxSequences { self.maxSequences = maxSequences }
  }
}

extension ModelDescription {
  /// Says what the weights were quantised to, if that was asked for.
  fileprivate mutating func note(quantize: String?, _ type: TensorType?) {
    guard let quantize else { return }
    if let type {
      quantizedFrom = quantization
      quantization = type.name
    } else {
      setAside.append("quantize is \(quantize), but no weights are floats (most are \(quantization))")
    }
  }

  fileprivate init(_ file: ModelFile, _ model: LanguageModel) {
    self.init()
    let estimate = file.estimate
    title = MetadataText.short(file.metadata.string("general.name") ?? "")
    architecture = model.configuration.architecture
    quantization = estimate.shares.first?.type.name ?? ""
    parameterCount = estimate.elements
    fileBytes = file.byteCount
    weightBytes = model.estimate.weightBytes
    cacheBytes = model.estimate.cacheBytes
    cacheType = model.configuration.cacheType.rawValue
    contextLength = model.contextLength
    trainedContextLength = model.configuration.contextLength
    embeddingLength = model.configuration.embeddingLength
    layerCount = model.configuration.layerCount
    threads = model.threadCount
    let own = CheckpointTemplates(file.metadata)
    templates = own.templates
    fileState = file.state
    metadata = MetadataText.table(file.metadata)
    setAside = file.setAside + model.configuration.setAside + own.setAside
  }
}
