/// Finding the best candidates without sorting all of them.
extension Candidates {
  /// Keeps the `k` best, sorted; fewer when fewer are above -∞.
  public mutating func keepTop(_ k: Int) {
    precondition(k >= 0)
    if isSorted {
      // Candidates at -∞ stand last; they would be picked never, so they count for nothing.
      var kept = min(k, count)
      while kept > 0, logits[kept - 1] == -.infinity { kept -= 1 }
      return keepFirst(kept)
    }
    selectTop(k)
    adoptKeys(keys.count)
  }

  /// Keeps the `k` best and what is as good as the last of them; fewer when fewer are above -∞.
  public mutating func keepTopAndTies(_ k: Int) {
    precondition(k >= 0)
    guard k > 0, k < count else { return keepTop(k) }
    if isSorted {
      var kept = k
      while kept < count, logits[kept] == logits[k - 1] { kept += 1 }
      return keepTop(kept)
    }
    selectTop(k)
    guard keys.count == k, let last = keys.last?.logit else { return adoptKeys(keys.count) }
    let count = count
    let satisfied = logits.withUnsafeBufferPointer {
      VectorMath.count(atLeast: last, .init(rebasing: $0[..<count]))
    }
    if satisfied > k { selectTop(satisfied) }
    adoptKeys(satisfied)
  }

  /// Makes the first `kept` of `keys` the candidates.
  mutating func adoptKeys(_ kept: Int) {
    if isDense { reserveIdentifiers(kept) }
    for index in 0..<kept {
      ids[index] = keys[index].id
      logits[index] = keys[index].logit
    }
    count = kept
    isDense = false
    isSorted = true
    hasProbabilities = false
  }

  /// Sorts all candidates; those at -∞ are dropped, since nothing can pick them.
  public mutating func sort() {
    if !isSorted { keepTop(count) }
  }

  /// Puts the `k` best candidates above -∞, sorted, into `keys`.
  mutating func selectTop(_ k: Int) {
    keys.removeAll(keepingCapacity: true)
    if k <= 0 { return }
    if k <= Limits.heapSelection, k < count { selectWithHeap(k) } else { selectWithBuckets(k) }
    SortKey.sortDescending(&keys, &scratch)
    if keys.count > k { keys.removeLast(keys.count - k) }
  }

  /// One pass that compares with the worst of the best so far: nearly every block of a vocabulary is skipped.
  private mutating func selectWithHeap(_ k: Int) {
    let width = 32
    let count = count
    let isDense = isDense
    var heap = keys
    keys = []
    heap.reserveCapacity(k)
    logits.withUnsafeBufferPointer { logits in
      ids.withUnsafeBufferPointer { ids in
        guard let base = logits.baseAddress else { return }
        var floor = -Float.infinity
        var index = 0
        while index < count {
          let end = min(index + width, count)
          // Equal to the worst: an unsorted order may bring a lower id later.
          if !VectorMath.hasAny(atLeast: floor, base + index, end - index) {
            index = end
            continue
          }
          for at in index..<end where logits[at] >= floor && logits[at] > -.infinity {
            let key = SortKey(logit: logits[at], id: isDense ? Int32(truncatingIfNeeded: at) : ids[at])
            Self.offer(key, to: &heap, limit: k)
          }
          if heap.count == k { floor = heap[0].logit }
          index = end
        }
      }
    }
    keys = heap
  }

  /// Adds to a heap whose root is the worst, or replaces the root when the heap is full.
  private static func offer(_ key: SortKey, to heap: inout [SortKey], limit: Int) {
    if heap.count < limit {
      heap.append(key)
      var child = heap.count - 1
      while child > 0, heap[child] < heap[(child - 1) / 2] {
        heap.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
      return
    }
    guard key > heap[0] else { return }
    heap[0] = key
    var parent = 0
    while true {
      var least = parent
      let left = 2 * parent + 1
      if left < limit, heap[left] < heap[least] { least = left }
      if left + 1 < limit, heap[left + 1] < heap[least] { least = left + 1 }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  /// Counts candidates by the upper twelve bits of their key and takes whole buckets from the top.
  private mutating func selectWithBuckets(_ k: Int) {
    func key(_ index: Int) -> SortKey {
      SortKey(logit: logits[index], id: isDense ? Int32(truncatingIfNeeded: index) : ids[index])
    }
    var threshold: UInt64 = 0
    if k < count {
      var counts = [Int32](repeating: 0, count: 4096)
      for index in 0..<count { counts[Int(truncatingIfNeeded: key(index).bits >> 52)] += 1 }
      var bucket = 4095
      var above = Int(counts[bucket])
      while above < k, bucket > 0 {
        bucket -= 1
        above += Int(counts[bucket])
      }
      threshold = UInt64(bucket) << 52
    }
    keys.reserveCapacity(min(count, 2 * k))
    for index in 0..<count where logits[index] > -.infinity {
      let key = key(index)
      if key.bits >= threshold { keys.append(key) }
    }
  }
}
