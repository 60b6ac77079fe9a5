public import Tokens

/// What the engine needs of a network: token ids in, logits out, for sequences with cached positions.
///
/// One thread calls at a time (the engine's); implementations spread the arithmetic over threads of their own.
public protocol CausalModel: AnyObject, Sendable {
  /// The keys and values that a sequence has computed so far.
  associatedtype Cache: SequenceCache

  /// Logits in a row of output.
  var vocabularySize: Int { get }
  /// Maximum number of positions of a sequence.
  var contextLength: Int { get }
  /// Positions that all caches together can hold, and how many of them are in use (a shared position counts once).
  var cacheCapacity: Int { get }
  /// Positions in use now, in whole pages.
  var cacheUsed: Int { get }

  /// An empty cache; holds no pages yet.
  func makeCache() -> Cache

  /// Runs each slot's tokens through the network, appending to its cache.
  ///
  /// - Parameters:
  ///   - slots: At most one slot a cache, and `BatchLimits.slots` in all; none empty.
  ///   - scored: Given every row that a slot wants scored, in the order of slots and rows; the rows that are there at
  ///     the same time take a bounded amount of memory.
  /// - Returns: Per slot, the logits after its last token (`vocabularySize` floats, valid until the next call) if
  ///   it asked for them, else nil.
  /// - Throws: `InferenceError.cacheFull` before anything is changed when the pages do not suffice.
  func forward(
    _ slots: [BatchSlot<Cache>], scored: (ScoredRow) -> Void
  ) throws(InferenceError) -> [UnsafeBufferPointer<Float>?]
}

/// The cached positions of one sequence, in pages that may be shared with other sequences.
public protocol SequenceCache: AnyObject {
  /// Positions held.
  var count: Int { get }
  /// A cache with the same first `count` positions, sharing full pages and copying at most one.
  func fork(count: Int) throws(InferenceError) -> Self
  /// Drops every position from `count` on and returns pages that no other cache holds.
  func truncate(to count: Int)
}

/// The share of one sequence in a step.
public struct BatchSlot<Cache: SequenceCache> {
  /// Where the tokens are appended.
  public var cache: Cache
  /// The next tokens of the sequence, at positions `cache.count...`.
  public var tokens: ArraySlice<TokenID>
  /// Whether the logits after the last token are wanted.
  public var wantsLogits: Bool
  /// The tokens, counted from the first of `tokens`, after which the distribution is wanted, for scoring.
  public var scoredRows: Range<Int>

  /// One sequence's share; `tokens` must not be empty.
  public init(
    cache: Cache, tokens: ArraySlice<TokenID>, wantsLogits: Bool, scoredRows: Range<Int> = 0..<0
  ) {
    self.cache = cache
    self.tokens = tokens
    self.wantsLogits = wantsLogits
    self.scoredRows = scoredRows
  }
}

/// The bounds of a call of `CausalModel.forward`.
public enum BatchLimits {
  /// Slots of one call.
  public static let slots = 512
}

/// The distribution after one token of a slot.
public struct ScoredRow {
  /// Index of the slot in the call.
  public let slot: Int
  /// Index of the token in the slot's tokens.
  public let row: Int
  /// The distribution after that token; valid during the call that it is an argument of.
  public let distribution: LogSoftmax

  /// The row after token `row` of slot `slot`.
  public init(slot: Int, row: Int, distribution: LogSoftmax) {
    self.slot = slot
    self.row = row
    self.distribution = distribution
  }
}
