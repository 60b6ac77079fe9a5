/// Candidates for merging, the one with the lowest rank and then the leftmost first: a binary heap.
struct MergeQueue {
  /// A pair of symbols at the time of queueing; stale if the symbols at its place have changed since.
  struct Candidate {
    /// Rank in the upper half, place in the lower.
    fileprivate var order: UInt64
    var left: UInt32
    var right: UInt32
    var merged: UInt32

    /// Where the left symbol is.
    var place: Int { Int(UInt32(truncatingIfNeeded: order)) }

    fileprivate init(_ merge: UInt64, _ place: Int, _ left: UInt32, _ right: UInt32) {
      order = (merge >> 32) << 32 | UInt64(place)
      self.left = left
      self.right = right
      merged = UInt32(truncatingIfNeeded: merge)
    }
  }

  private var heap: [Candidate] = []

  /// An empty queue with room.
  init(capacity: Int) {
    heap.reserveCapacity(capacity)
  }

  /// Adds a candidate without keeping the order; `heapify` must follow before any `pop`.
  mutating func append(_ merge: UInt64, place: Int, _ left: UInt32, _ right: UInt32) {
    heap.append(Candidate(merge, place, left, right))
  }

  /// Puts all candidates in order.
  mutating func heapify() {
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  /// Adds a candidate.
  mutating func push(_ merge: UInt64, place: Int, _ left: UInt32, _ right: UInt32) {
    let candidate = Candidate(merge, place, left, right)
    heap.append(candidate)
    var index = heap.count - 1
    while index > 0, candidate.order < heap[(index - 1) / 2].order {
      heap[index] = heap[(index - 1) / 2]
      index = (index - 1) / 2
    }
    heap[index] = candidate
  }

  /// Takes the first candidate out.
  mutating func pop() -> Candidate? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink(0)
    }
    return first
  }

  private mutating func sink(_ start: Int) {
    var index = start
    let candidate = heap[index]
    while true {
      var child = index * 2 + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].order < heap[child].order { child += 1 }
      guard heap[child].order < candidate.order else { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = candidate
  }
}
