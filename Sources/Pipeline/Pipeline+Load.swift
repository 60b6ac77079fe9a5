import Engine
import Inference
import ModelFormats
public import Runtime
import Sampling
import Tokenizers

extension Pipeline {
  /// Opens, checks and readies a model file; on a thread of the caller's that may block.
  ///
  /// - Throws: `WorkbenchError` that names the file and what is wrong in it.
  public static func load(
    _ source: ModelSource, plugins: PluginSet = PluginSet(),
    progress: @escaping @Sendable (Runtime.LoadProgress) -> Void
  ) throws -> Pipeline {
    do {
      progress(.init(fraction: 0, stage: "reading metadata"))
      let file = try ModelFile.open(path: source.path)
      let tokenizer = try TokenizerFactory.make(from: file.metadata)
      let model = try LanguageModel.load(file: file, options: try LoadOptions(source)) { step in
        progress(.init(fraction: step.fraction, stage: "packing weights"))
        return true
      }
      guard tokenizer.vocabularySize <= model.vocabularySize else {
        throw WorkbenchError(
          .invalidArgument,
          "the vocabulary has \(tokenizer.vocabularySize) tokens and the embedding \(model.vocabularySize) rows"
        )
      }
      let engine = try Engine(model: model, options: EngineOptions(source))
      return try Pipeline(
        description: ModelDescription(source, file, tokenizer, model), tokenizer: tokenizer, model: model,
        engine: engine, plugins: plugins, modelSettings: try FileSampling.read(file.metadata))
    } catch {
      throw WorkbenchError(wrapping: error, path: source.path)
    }
  }

  /// What the engine is doing.
  public func status() async throws -> RuntimeStatus {
    let engine = engine.status
    var status = RuntimeStatus()
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

extension LoadOptions {
  fileprivate init(_ source: ModelSource) throws {
    self.init(
      threads: source.threads, contextLength: source.contextLength,
      cache: source.cacheBytes.map { .bytes($0) } ?? .automatic)
    guard let name = source.cacheType else { return }
    guard let type = CacheType(rawValue: name) else {
      let known = CacheType.allCases.map(\.rawValue).joined(separator: ", ")
      throw WorkbenchError(
        .invalidArgument, "no cache type is called \"\(name)\"; there are: \(known)", field: "cache_type")
    }
    cacheType = type
  }
}

extension EngineOptions {
  fileprivate init(_ source: ModelSource) {
    self.init()
    if let maxSequences = source.maxSequences { self.maxSequences = maxSequences }
  }
}

extension ModelDescription {
  fileprivate init(
    _ source: ModelSource, _ file: ModelFile, _ tokenizer: any Tokenizer, _ model: LanguageModel
  ) {
    self.init()
    let estimate = file.estimate
    title = file.metadata.string("general.name") ?? ""
    architecture = model.configuration.architecture
    quantization = estimate.shares.first?.type.name ?? ""
    parameterCount = estimate.elements
    fileBytes = file.byteCount
    weightBytes = model.estimate.weightBytes
    cacheBytes = model.estimate.cacheBytes
    cacheType = model.configuration.cacheType.rawValue
    contextLength = model.contextLength
    trainedContextLength = model.configuration.contextLength
    vocabularySize = tokenizer.vocabularySize
    embeddingLength = model.configuration.embeddingLength
    layerCount = model.configuration.layerCount
    self.tokenizer = tokenizer.name
    threads = model.threadCount
    templates = CheckpointTemplates.read(file.metadata)
    metadata = MetadataText.table(file.metadata)
  }
}
