public import ModelFormats

/// Everything about a model that is known and checked before memory is allocated for it.
struct LoadPlan {
  let configuration: ModelConfiguration
  let networkType: any Network.Type
  let layout: PageLayout
  let contextLength: Int
  /// Pages of the cache.
  let pages: Int
  let threads: Int
  /// Tensors to pack, and their bytes in the file.
  let tensorCount: Int
  let fileBytes: Int
  /// The type that most of the quantised weights get; nil: none is quantised.
  let quantizedType: TensorType?
  let estimate: MemoryEstimate

  /// Checks metadata, tensors and options.
  init(file: ModelFile, options: LoadOptions, freeMemory: Int?) throws(InferenceError) {
    let name = file.metadata.string("general.architecture")
    guard let name, let type = Architectures.all[name] else {
      throw .unknownArchitecture(found: name ?? "", known: Architectures.names)
    }
    var configuration = try ModelConfiguration(metadata: file.metadata)
    let isExact = options.quantize == nil && file.tensors.values.allSatisfy { $0.type == .f32 }
    configuration.cacheType = options.cacheType ?? (isExact ? .f32 : .f16)
    self.configuration = configuration
    networkType = type
    let cores = System.availableCores()
    threads = try Self.option("threads", options.threads, in: Limits.threads(cores: cores)) ?? cores
    let source = WeightSource(file: file, quantize: options.quantize, packing: nil)
    let network = try type.init(configuration: configuration, weights: source)
    tensorCount = source.tensorCount
    fileBytes = source.fileBytes
    quantizedType = source.quantizedBytes.max { $0.value < $1.value }?.key
    layout = network.pageLayout
    if let freeMemory, source.packedBytes > freeMemory {
      throw .memory(purpose: "the weights", bytes: source.packedBytes, limit: freeMemory)
    }
    let trained = configuration.contextLength
    let wanted = try Self.option("context_length", options.contextLength, in: 1...trained)
    pages = try Self.pages(
      options.cache, layout: layout, context: wanted ?? trained,
      freeMemory: freeMemory.map { $0 - source.packedBytes })
    let capacity = pages * layout.positions
    if let wanted, wanted > capacity {
      throw .memory(
        purpose: "the cache of one context of \(wanted) positions",
        bytes: Self.product(Self.pageCount(wanted, layout), layout.bytes), limit: pages * layout.bytes)
    }
    contextLength = min(wanted ?? trained, capacity)
    let rows = min(Limits.batchRows, contextLength)
    var arena = Arena()
    _ = RunState(network.runShape(rows: rows, threads: threads), &arena)
    guard !arena.overflowed else { throw .memory(purpose: "working memory", bytes: Int.max, limit: nil) }
    estimate = MemoryEstimate(
      weightBytes: source.packedBytes, cacheBytesPerPosition: layout.bytesPerPosition,
      cacheBytes: pages * layout.bytes, scratchBytes: arena.used, contextLength: contextLength,
      cacheCapacity: capacity)
  }

  /// Pages of the cache; at least one.
  private static func pages(
    _ size: LoadOptions.CacheSize, layout: PageLayout, context: Int, freeMemory: Int?
  ) throws(InferenceError) -> Int {
    let one = layout.bytes
    let pages: Int
    switch size {
    case .automatic:
      let wanted = product(pageCount(context, layout), Limits.automaticSequences)
      let room = freeMemory.map { Int(Double(max(0, $0)) * Limits.automaticCacheShare) / one } ?? wanted
      pages = max(1, min(wanted, room))
    case .positions(let count):
      guard count > 0 else {
        throw .option(name: "cache", found: "\(count)", expected: "at least 1 position")
      }
      pages = pageCount(count, layout)
    case .bytes(let count):
      guard count >= one else {
        throw .option(
          name: "cache_bytes", found: "\(ByteCount(count))", expected: "at least \(ByteCount(one)), one page")
      }
      if let freeMemory, count > freeMemory {
        throw .memory(purpose: "a cache of this size", bytes: count, limit: max(0, freeMemory))
      }
      pages = count / one
    }
    guard pages <= Limits.pages, product(pages, one) < Int.max else {
      throw .memory(purpose: "the cache", bytes: product(pages, one), limit: product(Limits.pages, one))
    }
    return pages
  }

  private static func pageCount(_ positions: Int, _ layout: PageLayout) -> Int {
    (positions - 1) / layout.positions + 1
  }

  /// The product, or the largest integer when it does not fit.
  private static func product(_ left: Int, _ right: Int) -> Int {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? Int.max : product
  }

  private static func option(
    _ name: String, _ value: Int?, in range: ClosedRange<Int>
  ) throws(InferenceError) -> Int? {
    guard let value else { return nil }
    guard range.contains(value) else {
      throw .option(
        name: name, found: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}

extension MemoryEstimate {
  /// What loading `file` would take; reads headers only.
  ///
  /// - Throws: What `LanguageModel.load` would throw for the same file and options before it takes memory.
  public init(file: ModelFile, options: LoadOptions = LoadOptions()) throws(InferenceError) {
    self = try LoadPlan(file: file, options: options, freeMemory: System.availableMemory()).estimate
  }
}
