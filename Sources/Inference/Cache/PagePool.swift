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
/// Reserved once, backed by memory while in use: a page that no cache holds any more is returned to the system and
/// reads as zero when it is taken again. The counts are locked, since a cache may be dropped on any thread.
final class PagePool: Sendable {
  /// The shape of a page.
  let layout: PageLayout
  /// Maximum number of pages.
  let capacity: Int
  private let region: MemoryRegion
  private let counts: Mutex<Counts>

  private struct Counts {
    var holders: [Int32]
    /// Pages that were used and returned; taken again first.
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
    counts = Mutex(Counts(holders: Array(repeating: 0, count: capacity)))
  }

  /// Pages that are held.
  var used: Int { counts.withLock { $0.inUse } }

  /// Where a page begins.
  func address(of page: Int32) -> UnsafeMutableRawPointer { region.base + Int(page) * layout.bytes }

  /// A page that reads as zero, held once; nil when none is left.
  func take() -> Int32? {
    counts.withLock { counts in
      var page = counts.returned.popLast()
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

  /// One holder fewer for each page; those without any are wiped and free.
  func release(_ pages: ArraySlice<Int32>) {
    counts.withLock { counts in
      for page in pages {
        counts.holders[Int(page)] -= 1
        guard counts.holders[Int(page)] == 0 else { continue }
        region.discard(offset: Int(page) * layout.bytes, byteCount: layout.bytes)
        counts.returned.append(page)
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
    let row = layout.headLength * layout.type.bytes
    let stride = layout.positions * row
    for part in 0..<layout.layers * layout.heads * 2 {
      memcpy(to + part * stride, from + part * stride, positions * row)
    }
  }
}
