/// Byte strings as a tree that is walked a byte at a time; each string has the number that it was added with.
struct ByteTrie: Sendable {
  /// Children of a node lie side by side, sorted by byte.
  private struct Node {
    var firstChild: Int32 = 0
    var childCount: Int32 = 0
    var value: Int32 = -1
    var byte: UInt8
  }

  private var nodes = [Node(byte: 0)]
  /// The child of the root for each byte, or -1.
  private var roots = [Int32](repeating: -1, count: 256)

  /// Whether there is nothing to find.
  var isEmpty: Bool { nodes.count == 1 }

  /// A tree of `entries`, none of which is empty; of equal strings the first counts.
  init(_ entries: [(piece: [UInt8], value: Int32)]) {
    let order = entries.indices.sorted { left, right in
      let (one, other) = (entries[left].piece, entries[right].piece)
      if one.lexicographicallyPrecedes(other) { return true }
      return left < right && one == other
    }
    nodes.reserveCapacity(entries.count * 2)
    build(entries, order)
  }

  /// Builds level by level; a job is a node, its entries and how many bytes of them are behind it.
  private mutating func build(_ entries: [(piece: [UInt8], value: Int32)], _ order: [Int]) {
    var jobs: [(node: Int, range: Range<Int>, depth: Int)] = [(0, 0..<entries.count, 0)]
    var done = 0
    while done < jobs.count {
      let (node, range, depth) = jobs[done]
      done += 1
      var start = range.lowerBound
      while start < range.upperBound, entries[order[start]].piece.count == depth {
        if nodes[node].value < 0 { nodes[node].value = entries[order[start]].value }
        start += 1
      }
      nodes[node].firstChild = Int32(nodes.count)
      while start < range.upperBound {
        let byte = entries[order[start]].piece[depth]
        var end = start + 1
        while end < range.upperBound, entries[order[end]].piece[depth] == byte { end += 1 }
        if node == 0 { roots[Int(byte)] = Int32(nodes.count) }
        jobs.append((nodes.count, start..<end, depth + 1))
        nodes.append(Node(byte: byte))
        nodes[node].childCount += 1
        start = end
      }
    }
  }

  /// The node for strings that begin with `byte`; -1 for none.
  @inline(__always)
  func root(_ byte: UInt8) -> Int32 { roots[Int(byte)] }

  /// The value of the string that ends at `node`; -1 for none.
  @inline(__always)
  func value(_ node: Int32) -> Int32 { nodes[Int(node)].value }

  /// The node behind `node` for strings that go on with `byte`; -1 for none.
  @inline(__always)
  func child(of node: Int32, _ byte: UInt8) -> Int32 {
    let parent = nodes[Int(node)]
    var low = Int(parent.firstChild)
    let end = low + Int(parent.childCount)
    var high = end
    while high - low > 4 {
      let middle = (low + high) / 2
      if nodes[middle].byte < byte { low = middle + 1 } else { high = middle + 1 }
    }
    while low < high, nodes[low].byte < byte { low += 1 }
    return low < end && nodes[low].byte == byte ? Int32(low) : -1
  }

  /// The longest string at `start`: its value and where it ends.
  func longest(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, to end: Int) -> (value: Int32, end: Int)? {
    guard start < end else { return nil }
    var best: (value: Int32, end: Int)?
    var node = roots[Int(text[start])]
    var position = start + 1
    while node >= 0 {
      if value(node) >= 0 { best = (value(node), position) }
      guard position < end else { break }
      node = child(of: node, text[position])
      position += 1
    }
    return best
  }
}
