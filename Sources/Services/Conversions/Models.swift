import Host
import Runtime
import SwiftProtobuf
import WorkbenchAPI

extension ModelSource {
  init(_ request: ProtoLoadModelRequest) throws {
    guard !request.path.isEmpty else {
      throw WorkbenchError(.invalidArgument, "the path of a model file is expected", field: "path")
    }
    self.init(path: request.path)
    if request.hasContextLength { contextLength = Int(request.contextLength) }
    if request.hasThreads { threads = Int(request.threads) }
    if request.hasMaxSequences { maxSequences = Int(request.maxSequences) }
    if request.hasCacheBytes {
      guard let bytes = Int(exactly: request.cacheBytes) else {
        throw WorkbenchError(
          .outOfRange, "\(request.cacheBytes) is more than this machine can address", field: "cache_bytes")
      }
      cacheBytes = bytes
    }
    if request.hasCacheType { cacheType = request.cacheType }
    if request.hasTokenizer { tokenizer = request.tokenizer }
  }
}

extension ProtoLoadModelRequest {
  init(_ source: ModelSource) {
    self.init()
    path = source.path
    if let value = source.contextLength { contextLength = UInt32(clamping: value) }
    if let value = source.threads { threads = UInt32(clamping: value) }
    if let value = source.maxSequences { maxSequences = UInt32(clamping: value) }
    if let value = source.cacheBytes { cacheBytes = UInt64(clamping: value) }
    if let value = source.cacheType { cacheType = value }
    if let value = source.tokenizer { tokenizer = value }
  }
}

extension ProtoLoadProgress {
  init(_ progress: LoadProgress) {
    self.init()
    fraction = progress.fraction
    stage = progress.stage
  }
}

extension ProtoModel {
  init(_ record: ModelRecord, _ status: RuntimeStatus?) {
    self.init(record.description)
    name = record.name
    path = record.source.path
    template = record.template
    preset = record.preset
    tokenizerSource = record.source.tokenizer ?? ""
    workerPid = Int64(record.processID)
    restarts = UInt32(clamping: record.restarts)
    lastFailure = record.lastFailure
    if record.loadedAt > 0 {
      loadedAt = Google_Protobuf_Timestamp(roundingTimeIntervalSince1970: record.loadedAt)
    }
    state =
      switch record.state {
      case .loading: .loading
      case .ready: .ready
      case .down: .down
      }
    if let status { engine = ProtoEngineStatus(status) }
  }

  /// The part of a model that its worker knows.
  init(_ description: ModelDescription) {
    self.init()
    title = description.title
    architecture = description.architecture
    quantization = description.quantization
    parameterCount = UInt64(clamping: description.parameterCount)
    fileBytes = UInt64(clamping: description.fileBytes)
    weightBytes = UInt64(clamping: description.weightBytes)
    cacheBytes = UInt64(clamping: description.cacheBytes)
    cacheType = description.cacheType
    contextLength = UInt32(clamping: description.contextLength)
    trainedContextLength = UInt32(clamping: description.trainedContextLength)
    vocabularySize = UInt32(clamping: description.vocabularySize)
    embeddingLength = UInt32(clamping: description.embeddingLength)
    layerCount = UInt32(clamping: description.layerCount)
    tokenizer = description.tokenizer
    threads = UInt32(clamping: description.threads)
    ownTemplates = description.templates.map(\.name)
  }
}

extension WorkerLoadedModel {
  init(_ description: ModelDescription) {
    self.init()
    model = ProtoModel(description)
    metadata = description.metadata
    templates = description.templates.map { WorkerTemplateSource($0) }
  }
}

extension ModelDescription {
  init(_ loaded: WorkerLoadedModel) throws {
    self.init()
    title = loaded.model.title
    architecture = loaded.model.architecture
    quantization = loaded.model.quantization
    parameterCount = Int(clamping: loaded.model.parameterCount)
    fileBytes = Int(clamping: loaded.model.fileBytes)
    weightBytes = Int(clamping: loaded.model.weightBytes)
    cacheBytes = Int(clamping: loaded.model.cacheBytes)
    cacheType = loaded.model.cacheType
    contextLength = Int(loaded.model.contextLength)
    trainedContextLength = Int(loaded.model.trainedContextLength)
    vocabularySize = Int(loaded.model.vocabularySize)
    embeddingLength = Int(loaded.model.embeddingLength)
    layerCount = Int(loaded.model.layerCount)
    tokenizer = loaded.model.tokenizer
    threads = Int(loaded.model.threads)
    metadata = loaded.metadata
    templates = try loaded.templates.map { try TemplateSource($0) }
  }
}

extension ProtoEngineStatus {
  init(_ status: RuntimeStatus) {
    self.init()
    activeSequences = UInt32(clamping: status.active)
    waitingSequences = UInt32(clamping: status.waiting)
    generatedTokens = UInt64(clamping: status.generatedTokens)
    prefilledTokens = UInt64(clamping: status.prefilledTokens)
    reusedTokens = UInt64(clamping: status.reusedTokens)
    cacheUsed = UInt64(clamping: status.cacheUsed)
    cacheCapacity = UInt64(clamping: status.cacheCapacity)
    steps = UInt64(clamping: status.steps)
  }
}

extension WorkerStatusResponse {
  init(_ status: RuntimeStatus) {
    self.init()
    engine = ProtoEngineStatus(status)
    residentBytes = UInt64(clamping: status.residentBytes)
    plugins = status.plugins.map { WorkerPluginUse($0) }
  }
}

extension RuntimeStatus {
  init(_ response: WorkerStatusResponse) {
    self.init()
    active = Int(response.engine.activeSequences)
    waiting = Int(response.engine.waitingSequences)
    generatedTokens = Int(clamping: response.engine.generatedTokens)
    prefilledTokens = Int(clamping: response.engine.prefilledTokens)
    reusedTokens = Int(clamping: response.engine.reusedTokens)
    cacheUsed = Int(clamping: response.engine.cacheUsed)
    cacheCapacity = Int(clamping: response.engine.cacheCapacity)
    steps = Int(clamping: response.engine.steps)
    residentBytes = Int(clamping: response.residentBytes)
    plugins = response.plugins.map { PluginUse($0) }
  }
}
