public import Runtime
public import WorkbenchAPI

extension ModelSource {
  /// The file and the options that a request names.
  ///
  /// - Throws: `WorkbenchError` naming the field.
  public init(_ request: ProtoLoadModelRequest) throws {
    guard !request.path.isEmpty else {
      throw WorkbenchError(.invalidArgument, "give the path of a model file", field: "path")
    }
    self.init(path: request.path)
    if request.hasContextLength { contextLength = Int(request.contextLength) }
    if request.hasThreads { threads = Int(request.threads) }
    if request.hasMaxSequences { maxSequences = Int(request.maxSequences) }
    if request.hasCacheBytes {
      guard let bytes = Int(exactly: request.cacheBytes) else {
        throw WorkbenchError(
          .outOfRange, "cache_bytes is \(request.cacheBytes), which is more than this machine can address",
          field: "cache_bytes")
      }
      cacheBytes = bytes
    }
    if request.hasCacheType { cacheType = request.cacheType }
    if request.hasTokenizer { tokenizer = request.tokenizer }
    if request.hasQuantize { quantize = request.quantize }
  }
}

extension WorkerLoadRequest {
  /// The request that a worker is sent.
  public init(_ source: ModelSource) {
    self.init()
    model = ProtoLoadModelRequest(source)
    fileState = source.fileState ?? ""
    refuseLinks = source.refusesLinks
    refuseTokenizerLinks = source.tokenizerRefusesLinks
    ownTemplate = source.ownTemplate ?? ""
  }
}

extension ModelSource {
  /// The file that a worker is to load, and how.
  ///
  /// - Throws: `WorkbenchError` naming the field.
  public init(_ request: WorkerLoadRequest) throws {
    try self.init(request.model)
    refusesLinks = request.refuseLinks
    tokenizerRefusesLinks = request.refuseTokenizerLinks
    if !request.fileState.isEmpty { fileState = request.fileState }
    if !request.ownTemplate.isEmpty { ownTemplate = request.ownTemplate }
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
    if let value = source.quantize { quantize = value }
  }
}

extension LoadProgress {
  /// A step of a load, as the worker told it.
  public init(_ progress: ProtoLoadProgress) {
    self.init(
      fraction: progress.fraction, stage: progress.stage, bytesDone: Int(clamping: progress.bytesDone),
      bytesTotal: Int(clamping: progress.bytesTotal))
  }
}

extension ProtoLoadProgress {
  /// A step of a load, as worker and client see it.
  public init(_ progress: LoadProgress) {
    self.init()
    fraction = progress.fraction
    stage = progress.stage
    bytesDone = UInt64(clamping: progress.bytesDone)
    bytesTotal = UInt64(clamping: progress.bytesTotal)
  }
}

extension LoadedModel {
  /// The model that a worker has loaded.
  public init(_ loaded: WorkerLoadedModel) throws {
    self.init()
    title = loaded.description_p.model.title
    tokenizer = loaded.description_p.model.tokenizer
    vocabularySize = Int(loaded.description_p.model.vocabularySize)
    fileState = loaded.fileState
    templates = try loaded.templates.map { try TemplateSource($0) }
    description = try EncodedMessage(loaded.description_p)
  }
}
