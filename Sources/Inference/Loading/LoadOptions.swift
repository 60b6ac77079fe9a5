/// What the caller of `LanguageModel.load` may choose.
public struct LoadOptions: Sendable, Equatable {
  /// How much the caches of all sequences may hold together.
  public enum CacheSize: Sendable, Equatable {
    /// The full context of a few sequences, within a part of the free memory.
    case automatic
    /// Positions, rounded up to whole pages.
    case positions(Int)
    /// Bytes, rounded down to whole pages.
    case bytes(Int)
  }

  /// Threads that compute; nil: the cores that this process may use.
  public var threads: Int?
  /// Positions of a sequence, at most what the file says; nil: that, or fewer when the cache holds fewer.
  public var contextLength: Int?
  /// How much the caches of all sequences may hold together.
  public var cache: CacheSize
  /// The type of keys and values in the cache; nil: `f32` for a file with only F32 weights, whose user wants
  /// nothing rounded, otherwise `f16`.
  public var cacheType: CacheType?
  /// The type that weights which are floats are quantised to while they are packed; nil: they stay as they are.
  public var quantize: WeightType?

  /// The defaults, which suit a machine that does little else.
  public init(
    threads: Int? = nil, contextLength: Int? = nil, cache: CacheSize = .automatic,
    cacheType: CacheType? = nil, quantize: WeightType? = nil
  ) {
    self.threads = threads
    self.contextLength = contextLength
    self.cache = cache
    self.cacheType = cacheType
    self.quantize = quantize
  }
}

/// The progress of loading.
public struct LoadProgress: Sendable, Equatable {
  /// Tensors done.
  public var tensors: Int
  /// All tensors.
  public var tensorCount: Int
  /// Bytes of the file done.
  public var bytes: Int
  /// All bytes.
  public var byteCount: Int

  /// Bytes done of all bytes, from 0 to 1.
  public var fraction: Double { Double(bytes) / Double(max(1, byteCount)) }
}

/// The memory that a model uses, in bytes, known before it is loaded.
public struct MemoryEstimate: Sendable, Equatable {
  /// The packed weights.
  public var weightBytes: Int
  /// What one position of one sequence takes in the cache.
  public var cacheBytesPerPosition: Int
  /// The cache when every page is in use; pages take memory only while they are.
  public var cacheBytes: Int
  /// Working memory of the longest batch.
  public var scratchBytes: Int
  /// Maximum number of positions in a sequence.
  public var contextLength: Int
  /// Positions that all caches together can hold.
  public var cacheCapacity: Int

  /// Everything together when the cache is full.
  public var totalBytes: Int { weightBytes + cacheBytes + scratchBytes }
}
