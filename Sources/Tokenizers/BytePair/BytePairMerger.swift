/// Merges neighbouring symbols, the lowest rank first and of equal ranks the leftmost, until no merge applies.
struct BytePairMerger: Sendable {
  /// The merges.
  var table: MergeTable
  /// A merge out of the queue counts as this much work on a text.
  private static let bytesPerMerge = 4
  /// Up to this many symbols, searching all pairs each time is faster than a queue.
  private static let shortCount = 40

  /// Merges the symbols of `buffer` in place.
  func merge(_ buffer: SymbolBuffer) throws(TokenizerError) {
    guard buffer.count > 1 else { return }
    if buffer.count <= Self.shortCount { mergeShort(buffer) } else { try mergeLong(buffer) }
  }

  private func mergeShort(_ buffer: SymbolBuffer) {
    let (ids, ends, pairs) = (buffer.ids, buffer.ends, buffer.pairs)
    var count = buffer.count
    for index in 0..<(count - 1) { pairs[index] = table.find(ids[index], ids[index + 1]) }
    while count > 1 {
      var best = MergeTable.none
      var place = 0
      for index in 0..<(count - 1) where pairs[index] >> 32 < best >> 32 {
        best = pairs[index]
        place = index
      }
      guard best != MergeTable.none else { break }
      ids[place] = UInt32(truncatingIfNeeded: best)
      ends[place] = ends[place + 1]
      count -= 1
      let moved = count - place - 1
      if moved > 0 {
        (ids + place + 1).update(from: ids + place + 2, count: moved)
        (ends + place + 1).update(from: ends + place + 2, count: moved)
        (pairs + place).update(from: pairs + place + 1, count: moved)
        pairs[place] = table.find(ids[place], ids[place + 1])
      }
      if place > 0 { pairs[place - 1] = table.find(ids[place - 1], ids[place]) }
    }
    buffer.count = count
  }

  private func mergeLong(_ buffer: SymbolBuffer) throws(TokenizerError) {
    var chain = SymbolChain(count: buffer.count)
    var queue = MergeQueue(capacity: buffer.count)
    let ids = buffer.ids
    for index in 0..<(buffer.count - 1) {
      let merge = table.find(ids[index], ids[index + 1])
      if merge != MergeTable.none { queue.append(merge, place: index, ids[index], ids[index + 1]) }
    }
    queue.heapify()
    while let candidate = queue.pop() {
      try buffer.meter.spend(Self.bytesPerMerge)
      let place = candidate.place
      let next = chain.next(place)
      guard next < buffer.count, ids[place] == candidate.left, ids[next] == candidate.right else { continue }
      ids[place] = candidate.merged
      buffer.ends[place] = buffer.ends[next]
      ids[next] = .max
      chain.remove(next)
      for left in [chain.previous(place), place] where left >= 0 {
        let right = chain.next(left)
        guard right < buffer.count else { continue }
        let merge = table.find(ids[left], ids[right])
        if merge != MergeTable.none { queue.push(merge, place: left, ids[left], ids[right]) }
      }
    }
    compact(buffer, chain)
  }

  private func compact(_ buffer: SymbolBuffer, _ chain: SymbolChain) {
    var count = 0
    var place = 0
    while place < buffer.count {
      buffer.ids[count] = buffer.ids[place]
      buffer.ends[count] = buffer.ends[place]
      count += 1
      place = chain.next(place)
    }
    buffer.count = count
  }
}

/// The symbols of a piece that remain, as a doubly linked list of places.
private struct SymbolChain {
  private var nexts: [Int32]
  private var previouses: [Int32]

  init(count: Int) {
    nexts = (0..<count).map { Int32($0 + 1) }
    previouses = (0..<count).map { Int32($0 - 1) }
  }

  func next(_ place: Int) -> Int { Int(nexts[place]) }

  func previous(_ place: Int) -> Int { Int(previouses[place]) }

  mutating func remove(_ place: Int) {
    let (before, after) = (previouses[place], nexts[place])
    if before >= 0 { nexts[Int(before)] = after }
    if Int(after) < previouses.count { previouses[Int(after)] = before }
  }
}
