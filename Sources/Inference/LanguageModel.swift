public import ModelFormats
import Synchronization
import Tokens

/// A loaded network: weights, threads, and the pages of all its caches.
///
/// `@unchecked Sendable`: what changes after loading is the scratch of the one call that may run at a time,
/// which is checked.
public final class LanguageModel: CausalModel, @unchecked Sendable {
  /// The shape and constants of the network, as the file gives them.
  public let configuration: ModelConfiguration
  /// The memory that the model uses.
  public let estimate: MemoryEstimate
  /// The type that most of the quantised weights have; nil: none was quantised while it was packed.
  public let quantizedType: TensorType?
  /// Logits in a row of output.
  public let vocabularySize: Int
  /// Maximum number of positions in a sequence.
  public let contextLength: Int

  let pool: PagePool
  let network: any Network
  let team: ThreadTeam
  let batches: BatchBuilder
  /// Counts calls of the forward pass.
  var call = 0
  private let weights: MemoryRegion
  private let busy = Atomic<Bool>(false)

  /// Checks and packs a model and makes it ready to run.
  ///
  /// - Parameter progress: Called on the caller's thread after each tensor; false stops the load.
  /// - Throws: Any error but those of a forward pass; everything allocated is released.
  public static func load(
    file: ModelFile, options: LoadOptions = LoadOptions(), progress: (LoadProgress) -> Bool = { _ in true }
  ) throws(InferenceError) -> LanguageModel {
    let plan = try LoadPlan(file: file, options: options, freeMemory: System.availableMemory())
    let team = try ThreadTeam(count: plan.threads)
    let weights = try MemoryRegion(
      byteCount: plan.estimate.weightBytes, purpose: "the weights", hugePages: true)
    var result: Result<any Network, InferenceError> = .failure(.cancelled)
    withoutActuallyEscaping(progress) { progress in
      let packing = WeightSource.Packing(region: weights, team: team) { tensors, bytes in
        progress(
          LoadProgress(
            tensors: tensors, tensorCount: plan.tensorCount, bytes: bytes, byteCount: plan.fileBytes))
      }
      result = Result { () throws(InferenceError) in
        let source = WeightSource(file: file, quantize: options.quantize, packing: packing)
        return try plan.networkType.init(configuration: plan.configuration, weights: source)
      }
    }
    return try LanguageModel(plan: plan, network: result.get(), weights: weights, team: team)
  }

  private init(
    plan: LoadPlan, network: any Network, weights: MemoryRegion, team: ThreadTeam
  ) throws(InferenceError) {
    configuration = plan.configuration
    estimate = plan.estimate
    quantizedType = plan.quantizedType
    vocabularySize = network.vocabularySize
    contextLength = plan.contextLength
    pool = try PagePool(layout: plan.layout, capacity: plan.pages)
    batches = try BatchBuilder(
      shape: network.runShape(rows: min(Limits.batchRows, plan.contextLength), threads: plan.threads),
      keyValueHeads: plan.layout.heads, vocabularySize: network.vocabularySize)
    self.network = network
    self.weights = weights
    self.team = team
  }

  /// Threads that compute.
  public var threadCount: Int { team.count }
  /// Positions that all caches together can hold.
  public var cacheCapacity: Int { pool.capacity * Limits.pagePositions }
  /// Positions in use now, in whole pages; a shared one counts once.
  public var cacheUsed: Int { pool.used * Limits.pagePositions }

  /// An empty cache; holds no pages yet.
  public func makeCache() -> KVCache { KVCache(pool: pool) }

  /// Runs `body` as the only call in progress; two at once are a programming error.
  func exclusively<Value>(_ body: () throws(InferenceError) -> Value) throws(InferenceError) -> Value {
    precondition(!busy.exchange(true, ordering: .acquiring), "two calls of a model at once")
    defer { busy.store(false, ordering: .releasing) }
    return try body()
  }
}
