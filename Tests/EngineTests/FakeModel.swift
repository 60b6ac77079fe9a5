import Concurrency
import Inference
import Synchronization
import Tokens

@testable import Engine

/// A network that is a hash of everything in the cache it is given: a lost, swapped or stale position shows
/// in the next token.
///
/// Pages are shared and counted as the real one's.
final class FakeModel: CausalModel {
  typealias Cache = FakeCache

  /// What one call was asked for: how many tokens of how many sequences.
  struct Call: Sendable {
    var counts: [Int]
    /// Rows that were scored.
    var scored = 0
  }

  struct Script: Sendable {
    var calls: [Call] = []
    /// Thrown by the next calls, once each.
    var failures: [InferenceError] = []
    /// Sequences whose history begins with this token get rows of NaN.
    var poison: TokenID?
    /// What a call asked for that no call may.
    var violations: [String] = []
  }

  let vocabularySize: Int
  let contextLength: Int
  let cacheCapacity: Int
  var cacheUsed: Int { pool.used.load(ordering: .relaxed) * FakePool.pagePositions }

  let pool = FakePool()
  let script = Mutex(Script())
  /// While set, a call waits for a ring before it computes, after having rung `arrived`.
  let gate: Gate?
  /// Written by the engine's one thread only.
  private nonisolated(unsafe) let row: UnsafeMutableBufferPointer<Float>

  init(vocabularySize: Int = 97, contextLength: Int = 4096, cacheCapacity: Int = 1 << 20, gate: Gate? = nil) {
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.cacheCapacity = cacheCapacity
    self.gate = gate
    row = .allocate(capacity: vocabularySize * 512)
  }

  deinit { row.deallocate() }

  func makeCache() -> FakeCache { FakeCache(pool: pool) }

  func forward(
    _ slots: [BatchSlot<FakeCache>], scored: (ScoredRow) -> Void
  ) throws(InferenceError) -> [UnsafeBufferPointer<Float>?] {
    gate?.pass()
    let (failure, poison) = script.withLock { script -> (InferenceError?, TokenID?) in
      script.calls.append(
        Call(counts: slots.map(\.tokens.count), scored: slots.reduce(0) { $0 + $1.scoredRows.count }))
      check(slots, &script)
      return (script.failures.isEmpty ? nil : script.failures.removeFirst(), script.poison)
    }
    if let failure { throw failure }
    let needed = slots.reduce(0) { $0 + $1.cache.pagesNeeded(adding: $1.tokens.count) }
    let free = cacheCapacity / FakePool.pagePositions - pool.used.load(ordering: .relaxed)
    guard needed <= free else {
      let size = FakePool.pagePositions
      throw .cacheFull(needed: needed * size, free: free * size, capacity: cacheCapacity)
    }
    var rows: [UnsafeBufferPointer<Float>?] = []
    for (index, slot) in slots.enumerated() {
      let before = slot.cache.tokens
      slot.cache.append(slot.tokens)
      for row in slot.scoredRows {
        let history = before + slot.tokens.prefix(row + 1)
        let values = values(after: history, poison)
        values.withUnsafeBufferPointer {
          scored(ScoredRow(slot: index, row: row, distribution: LogSoftmax($0)))
        }
      }
      guard slot.wantsLogits else {
        rows.append(nil)
        continue
      }
      let out = UnsafeMutableBufferPointer(
        rebasing: row[(index * vocabularySize)..<((index + 1) * vocabularySize)])
      let history = slot.cache.tokens
      let values = values(after: history, poison)
      for token in 0..<vocabularySize { out[token] = values[token] }
      rows.append(UnsafeBufferPointer(out))
    }
    return rows
  }

  private func values(after history: [TokenID], _ poison: TokenID?) -> [Float] {
    history.first == poison
      ? [Float](repeating: .nan, count: vocabularySize)
      : Self.logits(after: history, vocabularySize: vocabularySize)
  }

  private func check(_ slots: [BatchSlot<FakeCache>], _ script: inout Script) {
    if slots.isEmpty { script.violations.append("empty call") }
    if slots.count > BatchLimits.slots { script.violations.append("too many slots") }
    if Set(slots.map { ObjectIdentifier($0.cache) }).count != slots.count {
      script.violations.append("shared cache")
    }
    for slot in slots {
      if !(0...slot.tokens.count).contains(slot.scoredRows.upperBound) {
        script.violations.append("scored rows outside a slot")
      }
      if slot.tokens.isEmpty { script.violations.append("empty slot") }
      if slot.cache.count + slot.tokens.count > contextLength {
        script.violations.append("beyond the context")
      }
    }
  }

  /// The row after a history: spread-out values, no ties.
  static func logits(after history: [TokenID], vocabularySize: Int) -> [Float] {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for token in history {
      hash = (hash ^ UInt64(truncatingIfNeeded: token.index &+ 1)) &* 0x100_0000_01B3
      hash ^= hash >> 29
    }
    return (0..<vocabularySize).map { token in
      var mixed = hash &+ UInt64(token) &* 0x9E37_79B9_7F4A_7C15
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed ^= mixed >> 27
      return Float(mixed >> 40) / Float(1 << 24) * 12 - 6
    }
  }
}

/// Counts live pages.
final class FakePool: Sendable {
  static let pagePositions = 4
  let used = Atomic(0)
}

/// A page; alive as long as a cache holds it.
final class FakePage {
  let pool: FakePool
  var tokens: [TokenID]

  init(pool: FakePool, tokens: [TokenID] = []) {
    self.pool = pool
    self.tokens = tokens
    pool.used.add(1, ordering: .relaxed)
  }

  deinit { pool.used.subtract(1, ordering: .relaxed) }
}

final class FakeCache: SequenceCache {
  let pool: FakePool
  private(set) var pages: [FakePage] = []

  init(pool: FakePool) {
    self.pool = pool
  }

  var tokens: [TokenID] { pages.flatMap(\.tokens) }
  var count: Int { pages.reduce(0) { $0 + $1.tokens.count } }

  func pagesNeeded(adding added: Int) -> Int {
    let size = FakePool.pagePositions
    return (count + added + size - 1) / size - pages.count
  }

  func append(_ tokens: ArraySlice<TokenID>) {
    for token in tokens {
      if pages.last?.tokens.count ?? FakePool.pagePositions == FakePool.pagePositions {
        pages.append(FakePage(pool: pool))
      }
      pages[pages.count - 1].tokens.append(token)
    }
  }

  func fork(count: Int) throws(InferenceError) -> Self {
    guard count <= self.count, let copy = FakeCache(pool: pool) as? Self else {
      throw .forkOutOfRange(count: count, held: self.count)
    }
    let full = count / FakePool.pagePositions
    copy.pages = Array(pages[..<full])
    let rest = count % FakePool.pagePositions
    if rest > 0 { copy.pages.append(FakePage(pool: pool, tokens: Array(pages[full].tokens[..<rest]))) }
    return copy
  }

  func truncate(to count: Int) {
    while self.count > count {
      let last = pages.removeLast()
      let rest = count - self.count
      if rest > 0 { pages.append(FakePage(pool: pool, tokens: Array(last.tokens[..<rest]))) }
    }
  }
}

/// Holds the model's calls back until the test lets them go.
final class Gate: Sendable {
  private let isOpen: Mutex<Bool>
  private let arrived = Signal()
  private let bell = Doorbell()

  init(isOpen: Bool = false) {
    self.isOpen = Mutex(isOpen)
  }

  /// Called by the model: blocks while the gate is closed.
  func pass() {
    arrived.raise()
    if !isOpen.withLock({ $0 }) { bell.wait() }
  }

  /// Returns when a call has come to the gate, or had before.
  func arrival() async {
    await arrived.waitToEnd()
  }

  /// Lets this call and all later ones go.
  func open() {
    isOpen.withLock { $0 = true }
    bell.ring()
  }
}
