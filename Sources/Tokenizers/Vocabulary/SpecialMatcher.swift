import Tokens

/// Finds tokens that are matched in a text as a whole: the leftmost, and of those the longest.
struct SpecialMatcher: Sendable {
  /// Children of a node lie side by side, sorted by byte.
  private struct Node {
    var firstChild: Int32 = 0
    var childCount: Int32 = 0
    var token: Int32 = -1
    var byte: UInt8
  }

  private var nodes = [Node(byte: 0)]
  /// The child of the root for each byte, or -1.
  private var roots = [Int32](repeating: -1, count: 256)
  private var isControl: [Int32: Bool] = [:]

  /// Whether there is nothing to find.
  var isEmpty: Bool { nodes.count == 1 }

  /// A matcher for the control, unknown and user-defined pieces of `vocabulary`; empty pieces are left out.
  init(_ vocabulary: Vocabulary) throws(TokenizerError) {
    var entries: [(piece: [UInt8], token: Int32)] = []
    var total = 0
    for index in 0..<vocabulary.count {
      let kind = vocabulary.kinds[index]
      guard kind == .control || kind == .unknown || kind == .userDefined else { continue }
      let piece = vocabulary.pieces[index]
      guard piece.count <= Limits.specialPieceBytes else {
        throw .invalid(
          key: MetadataKey.tokens, index: index,
          reason: "is special and has \(piece.count) bytes, the limit is \(Limits.specialPieceBytes)")
      }
      total += piece.count
      guard total <= Limits.specialBytes else {
        throw .limit(name: "specialBytes", found: total, maximum: Limits.specialBytes)
      }
      if !piece.isEmpty { entries.append((piece, Int32(index))) }
      isControl[Int32(index)] = kind != .userDefined
    }
    entries.sort { $0.piece.lexicographicallyPrecedes($1.piece) }
    build(entries)
  }

  /// Builds level by level; a job is a node, its entries and how many bytes of them are behind it.
  private mutating func build(_ entries: [(piece: [UInt8], token: Int32)]) {
    var jobs: [(node: Int, range: Range<Int>, depth: Int)] = [(0, 0..<entries.count, 0)]
    var done = 0
    while done < jobs.count {
      let (node, range, depth) = jobs[done]
      done += 1
      var start = range.lowerBound
      if start < range.upperBound, entries[start].piece.count == depth {
        nodes[node].token = entries[start].token
        start += 1
      }
      nodes[node].firstChild = Int32(nodes.count)
      while start < range.upperBound {
        let byte = entries[start].piece[depth]
        var end = start + 1
        while end < range.upperBound, entries[end].piece[depth] == byte { end += 1 }
        if node == 0 { roots[Int(byte)] = Int32(nodes.count) }
        jobs.append((nodes.count, start..<end, depth + 1))
        nodes.append(Node(byte: byte))
        nodes[node].childCount += 1
        start = end
      }
    }
  }

  /// The first token at or after `start`; control tokens only where `parsing` has them.
  func next(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ parsing: borrowing SpecialRanges
  ) -> Token? {
    guard !isEmpty else { return nil }
    var position = start
    while position < text.count {
      if roots[Int(text[position])] >= 0, let token = longest(text, position, parsing) { return token }
      position += 1
    }
    return nil
  }

  private func longest(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ parsing: borrowing SpecialRanges
  ) -> Token? {
    var best: Token?
    var node = roots[Int(text[start])]
    var position = start + 1
    while node >= 0 {
      let token = nodes[Int(node)].token
      if token >= 0, isControl[token] == false || parsing.contains(start..<position) {
        best = Token(id: TokenID(rawValue: token), range: start..<position)
      }
      guard position < text.count else { break }
      node = child(of: node, text[position])
      position += 1
    }
    return best
  }

  private func child(of node: Int32, _ byte: UInt8) -> Int32 {
    var low = Int(nodes[Int(node)].firstChild)
    var high = low + Int(nodes[Int(node)].childCount)
    let end = high
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].byte < byte { low = middle + 1 } else { high = middle }
    }
    return low < end && nodes[low].byte == byte ? Int32(low) : -1
  }
}
