import Units

/// Why a model could not be loaded or run: what, where, and what would be right.
public enum InferenceError: Error, Equatable, Sendable {
  /// The file names a network that this build cannot run.
  case unknownArchitecture(found: String, known: [String])
  /// A metadata value is absent or outside what the network can have.
  case metadata(key: String, found: String, expected: String)
  /// A tensor is absent, or its shape or type does not fit.
  case tensor(name: String, found: String, expected: String)
  /// A load option is outside its range; `name` is its name in the API.
  case option(name: String, found: String, expected: String)
  /// Memory that is more than the limit allows, or that the system refused (`limit` nil).
  case memory(purpose: String, bytes: Int, limit: Int?)
  /// The system refused a thread.
  case threads(requested: Int, reason: String)
  /// The caller stopped the load.
  case cancelled
  /// The cache has too few free pages; nothing was changed. Counts are positions in whole pages.
  case cacheFull(needed: Int, free: Int, capacity: Int)
  /// A sequence would get longer than the context; nothing was changed.
  case contextFull(slot: Int, positions: Int, limit: Int)
  /// A slot without tokens.
  case emptySlot(slot: Int)
  /// More slots than one call takes.
  case tooManySlots(found: Int, limit: Int)
  /// A token that the vocabulary does not have; `index` counts from the slot's first token.
  case tokenOutOfRange(slot: Int, index: Int, token: Int, vocabularySize: Int)
  /// Two slots with the same cache.
  case duplicateCache(slot: Int)
  /// A cache that another model made.
  case foreignCache(slot: Int)
  /// A fork at a position that the cache does not have.
  case forkOutOfRange(count: Int, held: Int)
}

extension InferenceError: CustomStringConvertible {
  /// What is wrong and what would be right, in one line.
  public var description: String {
    switch self {
    case .unknownArchitecture(let found, let known):
      "general.architecture is '\(found)'; this build runs \(known.joined(separator: ", "))"
    case .metadata(let key, let found, let expected): "\(key) is \(found); expected \(expected)"
    case .tensor(let name, let found, let expected): "tensor \(name) is \(found); expected \(expected)"
    case .option(let name, let found, let expected):
      "\(name) is \(found); it must be \(expected)"
    case .memory(let purpose, let bytes, let limit): Self.memoryText(purpose, bytes, limit)
    case .threads(let requested, let reason):
      "the system refused to start \(counted(requested, "thread")) (\(reason)); use fewer with --threads"
    case .cancelled: "loading was stopped by the caller"
    case .cacheFull(let needed, let free, let capacity):
      "the cache needs \(needed) more positions, but only \(free) of \(capacity) are free"
    case .contextFull(let slot, let positions, let limit):
      "slot \(slot) would hold \(counted(positions, "position")); the context is \(limit)"
    case .emptySlot(let slot): "slot \(slot) has no tokens"
    case .tooManySlots(let found, let limit): "\(counted(found, "slot")) in one call; at most \(limit)"
    case .tokenOutOfRange(let slot, let index, let token, let size):
      "token \(token) (slot \(slot), index \(index)) is outside the vocabulary 0..<\(size)"
    case .duplicateCache(let slot): "slot \(slot) uses the cache of an earlier slot"
    case .foreignCache(let slot): "slot \(slot) has a cache of another model"
    case .forkOutOfRange(let count, let held): "cannot fork at \(count): the cache holds 0...\(held)"
    }
  }

  private static func memoryText(_ purpose: String, _ bytes: Int, _ limit: Int?) -> String {
    if let limit {
      return "not enough memory for \(purpose): \(ByteCount(bytes)) needed, \(ByteCount(limit)) available"
    }
    return
      "the system refused \(ByteCount(bytes)) for \(purpose); free memory, or raise the limit of address space "
      + "(ulimit -v)"
  }
}
