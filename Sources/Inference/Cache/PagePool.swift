import Glibc
import Synchronization

/// The shape of a cache page: `Limits.pagePositions` positions of every layer and key/value head.
///
/// A page is, per layer and head, first the keys and then the values, each positions × `headLength` values of
/// `type`.
struct PageLayout: Sendable, Equatable {
  let layers: Int
  let heads: Int
  let headLength: Int
  let type: CacheType

  /// Positions of a page.
  var positions: Int { Limits.pagePositions }
  /// Bytes of one position over all layers.
  var bytesPerPosition: Int { layers * heads * 2 * headLength * type.bytes }
  /// Bytes of a page, in whole system pages.
  var bytes: Int { wholeSystemPages(bytesPerPosition * positions) ?? Int.max }
}

/// The pages of all caches of a model, with the number of caches that hold each.
///
/// Reserved once, backed by memory while in use: a page that no cache holds any more is wiped and waits for the next one
/// that takes it, or, beyond a few, is returned to the system; either way it then reads as zero. The counts are locked,
/// since a cache may be dropped on any thread.
final class PagePool: Sendable {
  /// The shape of a page.
  let layout: PageLayout
  /// Maximum number of pages.
  let capacity: Int
  private let region: MemoryRegion
  private let counts: Mutex<Counts>
  /// Pages that stay backed.
  private let mostWiped: Int

  private struct Counts {
    var holders: [Int32]
    /// Positions of each page, from its first on, that may have been written.
    var written: [Int32]
    /// Pages that were wiped and are still backed; taken again first, the last one before the others.
    var wiped: [Int32] = []
    /// Pages that were returned to the system.
    var returned: [Int32] = []
    /// Pages from here on were never used.
    var untouched: Int32 = 0
    var inUse = 0
  }

  /// Reserves room for `capacity` pages.
  init(layout: PageLayout, capacity: Int) throws(InferenceError) {
    let (bytes, overflow) = layout.bytes.multipliedReportingOverflow(by: capacity)
    guard !overflow, capacity <= Limits.pages else {
      throw .memory(purpose: "the cache", bytes: overflow ? Int.max : bytes, limit: nil)
    }
    self.layout = layout
    self.capacity = capacity
    region = try MemoryRegion(byteCount: bytes, purpose: "the cache")
    let none = [Int32](repeating: 0, count: capacity)
    counts = Mutex(Counts(holders: none, written: none))
    mostWiped = Limits.wipedBytes / max(layout.bytes, 1)
  }

  /// Pages that are held.
  var used: Int { counts.withLock { $0.inUse } }

  /// Where a page begins.
  func address(of page: Int32) -> UnsafeMutableRawPointer { region.base + Int(page) * layout.bytes }

  /// A page that reads as zero, held once; nil when none is left.
  func take() -> Int32? {
    counts.withLock { counts in
      var page = counts.wiped.popLast() ?? counts.returned.popLast()
      if page == nil, counts.untouched < capacity {
        page = counts.untouched
        counts.untouched += 1
      }
      guard let page else { return nil }
      counts.holders[Int(page)] = 1
      counts.inUse += 1
      return page
    }
  }

  /// One more holder for each page.
  func retain(_ pages: ArraySlice<Int32>) {
    counts.withLock { counts in
      for page in pages { counts.holders[Int(page)] += 1 }
    }
  }

  /// Notes that the pages may be written: the last one's first `positions` positions, all of the others.
  func mark(_ pages: ArraySlice<Int32>, last positions: Int) {
    counts.withLock { counts in
      for (index, page) in pages.enumerated() {
        let written = index == pages.count - 1 ? positions : layout.positions
        counts.written[Int(page)] = max(counts.written[Int(page)], Int32(clamping: written))
      }
    }
  }

  /// One holder fewer for each page; those without any are wiped and free.
  func release(_ pages: ArraySlice<Int32>) {
    counts.withLock { counts in
      for page in pages {
        counts.holders[Int(page)] -= 1
        guard counts.holders[Int(page)] == 0 else { continue }
        if counts.wiped.count < mostWiped {
          wipe(page, positions: Int(counts.written[Int(page)]))
          counts.wiped.append(page)
        } else {
          region.discard(offset: Int(page) * layout.bytes, byteCount: layout.bytes)
          counts.returned.append(page)
        }
        counts.written[Int(page)] = 0
        counts.inUse -= 1
      }
    }
  }

  /// Whether more than one cache holds the page, so that it must not be written.
  func isShared(_ page: Int32) -> Bool { counts.withLock { $0.holders[Int(page)] > 1 } }

  /// Copies the first `positions` positions of a page, every layer and head.
  func copy(_ source: Int32, to target: Int32, positions: Int) {
    let from = address(of: source)
    let to = address(of: target)
    forEachRun(of: positions) { memcpy(to + $0, from + $0, $1) }
    mark([target], last: positions)
  }

  /// Zeroes the first `positions` positions of a page, every layer and head.
  private func wipe(_ page: Int32, positions: Int) {
    let base = address(of: page)
    forEachRun(of: positions) { memset(base + $0, 0, $1) }
  }

  /// Where in a page the first `positions` positions are: offsets and bytes.
  private func forEachRun(of positions: Int, _ body: (_ offset: Int, _ bytes: Int) -> Void) {
    let row = layout.headLength * layout.type.bytes
    for part in 0..<layout.layers * layout.heads * 2 {
      body(part * layout.positions * row, positions * row)
    }
  }
}
