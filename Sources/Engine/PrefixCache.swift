import Inference
import Tokens

/// The caches of finished sequences, for prompts that share a prefix with them; the least recently used is evicted first.
struct PrefixCache<Cache: SequenceCache> {
  /// A kept sequence: the tokens at its cache's positions.
  struct Entry {
    var tokens: [TokenID]
    var cache: Cache
    var lastUse: UInt64
  }

  private(set) var entries: [Entry] = []
  private let limit: Int
  private var clock: UInt64 = 0

  init(limit: Int) {
    self.limit = limit
  }

  /// The entry with the longest common prefix, and its length; nil if there is none.
  func longestMatch(_ tokens: ArraySlice<TokenID>) -> (index: Int, length: Int)? {
    var best: (index: Int, length: Int)?
    for (index, entry) in entries.enumerated() {
      let length = commonPrefix(entry.tokens[...], tokens)
      if length > best?.length ?? 0 { best = (index, length) }
    }
    return best
  }

  /// Marks an entry as just used.
  mutating func touch(_ index: Int) {
    clock += 1
    entries[index].lastUse = clock
  }

  /// Keeps a sequence, replacing those that it continues; a known one is only marked as used.
  mutating func insert(_ tokens: [TokenID], _ cache: Cache) {
    guard limit > 0, tokens.count >= Limits.sharedPrefix else { return }
    if let match = longestMatch(tokens[...]), match.length == tokens.count { return touch(match.index) }
    entries.removeAll { commonPrefix($0.tokens[...], tokens[...]) == $0.tokens.count }
    if entries.count >= limit { evictOldest() }
    clock += 1
    entries.append(Entry(tokens: tokens, cache: cache, lastUse: clock))
  }

  /// Drops the entry that was not used for longest.
  ///
  /// - Returns: false when there is none.
  @discardableResult
  mutating func evictOldest() -> Bool {
    guard let oldest = entries.indices.min(by: { entries[$0].lastUse < entries[$1].lastUse }) else {
      return false
    }
    entries.remove(at: oldest)
    return true
  }
}

/// How many tokens two sequences have in common from the start.
func commonPrefix(_ left: ArraySlice<TokenID>, _ right: ArraySlice<TokenID>) -> Int {
  let count = min(left.count, right.count)
  return left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      var length = 0
      while length < count, left[length] == right[length] { length += 1 }
      return length
    }
  }
}
