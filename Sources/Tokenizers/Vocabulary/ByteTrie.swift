/// Byte strings as a tree that is walked a byte at a time; each string has a number.
struct ByteTrie: Sendable {
  /// Children of a node lie side by side, sorted by byte.
  private struct Node {
    var firstChild: Int32 = 0
    /// The place in `wide` of a node with many children; -1 for others.
    var wide: Int32 = -1
    var value: Int32 = -1
    var childCount: UInt16 = 0
    var byte: UInt8
  }

  /// The bytes of the children of a node with many, as bits, and the number of children before each word of bits.
  private struct WideNode {
    var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    var before: (UInt8, UInt8, UInt8) = (0, 0, 0)

    mutating func add(_ byte: UInt8) {
      let bit = UInt64(1) << UInt64(byte & 63)
      switch byte >> 6 {
      case 0: bits.0 |= bit
      case 1: bits.1 |= bit
      case 2: bits.2 |= bit
      default: bits.3 |= bit
      }
    }

    mutating func count() {
      // At most 192 children come before the last 64 bytes.
      before.0 = UInt8(truncatingIfNeeded: bits.0.nonzeroBitCount)
      before.1 = before.0 &+ UInt8(truncatingIfNeeded: bits.1.nonzeroBitCount)
      before.2 = before.1 &+ UInt8(truncatingIfNeeded: bits.2.nonzeroBitCount)
    }

    /// The number of children before the one for `byte`; nil if `byte` has no child.
    @inline(__always)
    func rank(_ byte: UInt8) -> Int? {
      let (word, skipped) =
        switch byte >> 6 {
        case 0: (bits.0, UInt8(0))
        case 1: (bits.1, before.0)
        case 2: (bits.2, before.1)
        default: (bits.3, before.2)
        }
      let bit = UInt64(1) << UInt64(byte & 63)
      return word & bit == 0 ? nil : Int(skipped) + (word & (bit &- 1)).nonzeroBitCount
    }
  }

  /// Up to this many children are searched one by one.
  private static let narrowCount = 4

  private var nodes = [Node(byte: 0)]
  private var wide: [WideNode] = []
  /// The child of the root for each byte, or -1.
  private var roots = [Int32](repeating: -1, count: 256)

  /// Whether the tree has no strings.
  var isEmpty: Bool { nodes.count == 1 }

  /// A tree of `entries`, none of them empty; of equal strings the first counts.
  init(_ entries: [(piece: [UInt8], value: Int32)]) {
    nodes.reserveCapacity(entries.count * 2)
    var sorted = PieceList()
    var values: [Int32] = []
    sorted.reserve(entries.count, byteCount: entries.reduce(0) { $0 + $1.piece.count })
    values.reserveCapacity(entries.count)
    for place in Self.order(entries) {
      sorted.append(entries[place].piece)
      values.append(entries[place].value)
    }
    build(sorted, values)
  }

  /// The places of `entries` in the order of their bytes, equal ones in their own order.
  private static func order(_ entries: [(piece: [UInt8], value: Int32)]) -> [Int] {
    // The first eight bytes as one number settle most comparisons.
    var keys: [(head: UInt64, place: Int)] = []
    keys.reserveCapacity(entries.count)
    for (place, entry) in entries.enumerated() {
      let head = entry.piece.withUnsafeBufferPointer { bytes in
        var head: UInt64 = 0
        for index in 0..<min(8, bytes.count) { head |= UInt64(bytes[index]) << UInt64(56 - index * 8) }
        return head
      }
      keys.append((head, place))
    }
    keys.sort { left, right in
      if left.head != right.head { return left.head < right.head }
      let (one, other) = (entries[left.place].piece, entries[right.place].piece)
      if one == other { return left.place < right.place }
      return one.lexicographicallyPrecedes(other)
    }
    return keys.map(\.place)
  }

  /// Builds the tree level by level; a job is a node, its entries and the length of their common prefix.
  private mutating func build(_ sorted: PieceList, _ values: [Int32]) {
    var jobs: [(node: Int32, start: Int32, end: Int32, depth: Int32)] = []
    jobs.reserveCapacity(values.count * 2)
    jobs.append((0, 0, Int32(values.count), 0))
    var done = 0
    sorted.bytes.withUnsafeBufferPointer { bytes in
      sorted.offsets.withUnsafeBufferPointer { offsets in
        while done < jobs.count {
          let job = jobs[done]
          done += 1
          let (node, depth, last) = (Int(job.node), Int(job.depth), Int(job.end))
          var start = Int(job.start)
          while start < last, offsets[start + 1] - offsets[start] == depth {
            if nodes[node].value < 0 { nodes[node].value = values[start] }
            start += 1
          }
          let firstChild = nodes.count
          while start < last {
            let byte = bytes[offsets[start] + depth]
            var end = start + 1
            while end < last, bytes[offsets[end] + depth] == byte { end += 1 }
            if node == 0 { roots[Int(byte)] = Int32(nodes.count) }
            jobs.append((Int32(nodes.count), Int32(start), Int32(end), job.depth + 1))
            nodes.append(Node(byte: byte))
            start = end
          }
          addChildren(node, firstChild)
        }
      }
    }
  }

  /// Makes the nodes from `firstChild` on the children of `node`.
  private mutating func addChildren(_ node: Int, _ firstChild: Int) {
    let count = nodes.count - firstChild
    nodes[node].firstChild = Int32(firstChild)
    nodes[node].childCount = UInt16(count)
    guard count > Self.narrowCount else { return }
    var bits = WideNode()
    for child in nodes[firstChild...] { bits.add(child.byte) }
    bits.count()
    nodes[node].wide = Int32(wide.count)
    wide.append(bits)
  }

  /// The node for strings that begin with `byte`; -1 for none.
  @inline(__always)
  func root(_ byte: UInt8) -> Int32 { roots[Int(byte)] }

  /// The value of the string that ends at `node`; -1 for none.
  @inline(__always)
  func value(_ node: Int32) -> Int32 { nodes[Int(node)].value }

  /// The child of `node` for strings that continue with `byte`; -1 for none.
  @inline(__always)
  func child(of node: Int32, _ byte: UInt8) -> Int32 {
    nodes.withUnsafeBufferPointer { nodes in
      wide.withUnsafeBufferPointer { Self.child(of: nodes[Int(node)], byte, nodes, $0) }
    }
  }

  @inline(__always)
  private static func child(
    of node: Node, _ byte: UInt8, _ nodes: UnsafeBufferPointer<Node>,
    _ wide: UnsafeBufferPointer<WideNode>
  ) -> Int32 {
    if node.wide >= 0 {
      guard let rank = wide[Int(node.wide)].rank(byte) else { return -1 }
      return node.firstChild &+ Int32(truncatingIfNeeded: rank)
    }
    let first = Int(node.firstChild)
    for place in first..<(first &+ Int(node.childCount)) where nodes[place].byte == byte {
      return Int32(truncatingIfNeeded: place)
    }
    return -1
  }

  /// The value of the string that ends at each node; -1 for none.
  var values: [Int32] { nodes.map(\.value) }

  /// Calls `body` with the value, the end and the node of every string that begins at `start`, the shortest first.
  @inline(__always)
  func forEachPrefix(
    _ text: UnsafePointer<UInt8>, _ start: Int, to end: Int,
    _ body: (_ value: Int32, _ end: Int, _ node: Int) -> Void
  ) {
    nodes.withUnsafeBufferPointer { nodes in
      wide.withUnsafeBufferPointer { wide in
        var place = roots[Int(text[start])]
        var position = start + 1
        while place >= 0 {
          let node = nodes[Int(place)]
          if node.value >= 0 { body(node.value, position, Int(place)) }
          guard position < end else { break }
          place = Self.child(of: node, text[position], nodes, wide)
          position += 1
        }
      }
    }
  }

  /// The longest string at `start`: its value and where it ends.
  func longest(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, to end: Int) -> (value: Int32, end: Int)? {
    guard start < end, let base = text.baseAddress else { return nil }
    var best: (value: Int32, end: Int)?
    forEachPrefix(base, start, to: end) { value, end, _ in best = (value, end) }
    return best
  }
}
