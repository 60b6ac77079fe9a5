/// The keys and values of one sequence, in pages that other sequences may share.
///
/// Used from one thread at a time, like the model itself.
public final class KVCache: SequenceCache {
  /// Positions held.
  public private(set) var count = 0
  let pool: PagePool
  /// The number of the last call that had a slot with this cache, so that a second one in the same call is seen.
  var lastCall = 0
  /// The page of position p is `pages[p / Limits.pagePositions]`.
  private(set) var pages: [Int32] = []

  init(pool: PagePool) {
    self.pool = pool
  }

  deinit { pool.release(pages[...]) }

  /// A cache with the same first `count` positions, sharing full pages and copying a partial one.
  ///
  /// - Throws: `InferenceError.forkOutOfRange`, or `.cacheFull` when there is no page for the copy.
  public func fork(count: Int) throws(InferenceError) -> KVCache {
    guard (0...self.count).contains(count) else { throw .forkOutOfRange(count: count, held: self.count) }
    let size = Limits.pagePositions
    let full = count / size
    let rest = count % size
    let copy = KVCache(pool: pool)
    if rest > 0 {
      guard let page = pool.take() else { throw pool.full(pages: 1) }
      pool.copy(pages[full], to: page, positions: rest)
      copy.pages = [page]
    }
    pool.retain(pages[..<full])
    copy.pages.insert(contentsOf: pages[..<full], at: 0)
    copy.count = count
    return copy
  }

  /// Drops every position from `count` on and returns pages that no other cache holds.
  public func truncate(to count: Int) {
    guard count < self.count else { return }
    let keep = (max(count, 0) + Limits.pagePositions - 1) / Limits.pagePositions
    pool.release(pages[keep...])
    pages.removeSubrange(keep...)
    self.count = max(count, 0)
  }

  /// Pages that `append` takes from the pool for `added` more positions: new ones, and a copy of a shared last one.
  func pagesNeeded(adding added: Int) -> Int {
    let total = (count + added + Limits.pagePositions - 1) / Limits.pagePositions
    return total - pages.count + (mustCopyLast ? 1 : 0)
  }

  /// Makes room for `added` positions in pages of this cache alone, and counts them as held.
  ///
  /// - Returns: false, and no change that matters, when the pool is empty; callers ask `pagesNeeded` first.
  func append(_ added: Int) -> Bool {
    if mustCopyLast, let last = pages.last {
      guard let page = pool.take() else { return false }
      pool.copy(last, to: page, positions: count % Limits.pagePositions)
      pool.release(pages[(pages.count - 1)...])
      pages[pages.count - 1] = page
    }
    let firstPage = count / Limits.pagePositions
    while pages.count * Limits.pagePositions < count + added {
      guard let page = pool.take() else { return false }
      pages.append(page)
    }
    count += added
    let last = count - (pages.count - 1) * Limits.pagePositions
    pool.mark(pages[min(firstPage, pages.count)...], last: last)
    return true
  }

  /// Whether the next position falls into a page that another cache holds too.
  private var mustCopyLast: Bool {
    guard !count.isMultiple(of: Limits.pagePositions), let last = pages.last else { return false }
    return pool.isShared(last)
  }
}

extension PagePool {
  /// The error for a request of more pages than are free, in positions.
  func full(pages: Int) -> InferenceError {
    let size = Limits.pagePositions
    return .cacheFull(needed: pages * size, free: (capacity - used) * size, capacity: capacity * size)
  }
}
