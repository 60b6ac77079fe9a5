/// Finding the best candidates without sorting all of them.
extension Candidates {
  /// Keeps the `k` best, sorted; fewer if fewer are above -∞.
  public mutating func keepTop(_ k: Int) {
    precondition(k >= 0)
    if isSorted {
      // Candidates at -∞ come last and can never be picked, so they are not kept.
      var kept = min(k, count)
      while kept > 0, logits[kept - 1] == -.infinity { kept -= 1 }
      return keepFirst(kept)
    }
    adoptKeys(selectTop(k))
  }

  /// Keeps the `k` best and those that tie with the last of them, sorted; fewer if fewer are above -∞.
  public mutating func keepTopAndTies(_ k: Int) {
    precondition(k >= 0)
    guard k > 0, k < count else { return keepTop(k) }
    if isSorted {
      var kept = k
      while kept < count, logits[kept] == logits[k - 1] { kept += 1 }
      return keepTop(kept)
    }
    let found = selectTop(k)
    adoptKeys(found == k ? select(atLeast: keys[k - 1].logit) : found)
  }

  /// Keeps the candidates with at least this logit, and the best one in any case, sorted.
  mutating func keepBest(atLeast least: Float) {
    let least = min(least, largestLogit())
    if isSorted {
      var kept = 0
      while kept < count, logits[kept] >= least, logits[kept] > -.infinity { kept += 1 }
      return keepFirst(kept)
    }
    updatePeaks()
    adoptKeys(select(atLeast: least))
  }

  /// Drops the candidates that are better than this one.
  mutating func drop(above key: SortKey) {
    let (ids, isDense) = (ids, isDense)
    let logits = logits
    keep { index in
      SortKey(logit: logits[index], id: isDense ? Int32(truncatingIfNeeded: index) : ids[index]) <= key
    }
  }

  /// Sorts all candidates; those at -∞ are dropped, since nothing can pick them.
  public mutating func sort() {
    if !isSorted { keepTop(count) }
  }

  /// Makes the first `kept` of `keys` the candidates, which are then sorted.
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

  /// Writes the `k` best candidates above -∞, sorted, to the start of `keys`; returns how many there are.
  mutating func selectTop(_ k: Int) -> Int {
    if k <= 0 || count == 0 { return 0 }
    updatePeaks()
    return min(k, select(atLeast: k < count ? floor(ofBest: k) : -.infinity))
  }

  /// Writes the candidates with at least this logit, and above -∞, sorted, to the start of `keys`; returns their number.
  ///
  /// `updatePeaks` must have run.
  mutating func select(atLeast floor: Float) -> Int {
    let least = max(floor, -Float.greatestFiniteMagnitude)
    let (count, isDense) = (count, isDense)
    if keys.count < count { keys = [SortKey](repeating: SortKey(logit: 0, id: 0), count: count) }
    var found = 0
    var isAscending = true
    keys.withUnsafeMutableBufferPointer { keys in
      logits.withUnsafeBufferPointer { logits in
        peaks.withUnsafeBufferPointer { peaks in
          var last: Int32 = -1
          for block in 0..<VectorMath.blocks(count) where peaks[block] >= least {
            let start = block * VectorMath.block
            for index in start..<min(start + VectorMath.block, count) where logits[index] >= least {
              let id = isDense ? Int32(truncatingIfNeeded: index) : ids[index]
              if id < last { isAscending = false }
              last = id
              keys[found] = SortKey(logit: logits[index], id: id)
              found &+= 1
            }
          }
        }
      }
    }
    SortKey.sortDescending(&keys, found, &scratch, isAscending: isAscending)
    return found
  }

  /// A logit that at least `k` candidates reach (`k` < `count`), and not many more; -∞ if fewer are above -∞.
  private func floor(ofBest k: Int) -> Float {
    let blocks = VectorMath.blocks(count)
    // The k-th largest peak: each of k blocks has a candidate at its peak.
    if k <= blocks / 2 {
      return peaks.withUnsafeBufferPointer { Self.largest(k, of: .init(rebasing: $0[..<blocks])) }
    }
    return count <= Limits.wholeSort ? -.infinity : bucketFloor(k)
  }

  /// Computes the peaks that are not known.
  mutating func updatePeaks() {
    reservePeaks()
    let (count, isDense) = (count, isDense)
    logits.withUnsafeBufferPointer { logits in
      peaks.withUnsafeMutableBufferPointer { peaks in
        let logits = UnsafeBufferPointer(rebasing: logits[..<count])
        for block in 0..<VectorMath.blocks(count) where !isDense || peaks[block].isNaN {
          peaks[block] = VectorMath.peak(of: logits, block)
        }
      }
    }
  }

  /// The k-th largest of some values, 0 < k ≤ their number: the root of a heap of the best so far.
  private static func largest(_ k: Int, of values: UnsafeBufferPointer<Float>) -> Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: k) { heap in
      for index in 0..<k { heap.initializeElement(at: index, to: values[index]) }
      for root in stride(from: k / 2 - 1, through: 0, by: -1) { sink(root, in: heap) }
      for index in k..<values.count where values[index] > heap[0] {
        heap[0] = values[index]
        sink(0, in: heap)
      }
      return heap[0]
    }
  }

  private static func sink(_ root: Int, in heap: UnsafeMutableBufferPointer<Float>) {
    let value = heap[root]
    var hole = root
    while 2 * hole + 1 < heap.count {
      var child = 2 * hole + 1
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      if heap[child] >= value { break }
      heap[hole] = heap[child]
      hole = child
    }
    heap[hole] = value
  }

  /// The lower end of the k-th candidate's bucket, where buckets are the upper twelve bits of keys.
  private func bucketFloor(_ k: Int) -> Float {
    let count = count
    return logits.withUnsafeBufferPointer { logits in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: 4096) { counts in
        counts.initialize(repeating: 0)
        for index in 0..<count {
          counts[Int(truncatingIfNeeded: SortKey(logit: logits[index], id: 0).bits >> 52)] &+= 1
        }
        var bucket = 4095
        var above = Int(counts[bucket])
        while above < k, bucket > 0 {
          bucket -= 1
          above += Int(counts[bucket])
        }
        let least = SortKey(bits: UInt64(bucket) << 52).logit
        // The lowest bucket includes bits that are NaN.
        return least > -.infinity ? least : -.infinity
      }
    }
  }
}
