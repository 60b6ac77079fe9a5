import Tokens

/// Finds tokens that are matched in a text as a whole: the leftmost, and of those the longest.
struct SpecialMatcher: Sendable {
  private let trie: ByteTrie
  private var isControl: [Int32: Bool] = [:]

  /// Whether there is nothing to find.
  var isEmpty: Bool { trie.isEmpty }

  /// A matcher for the pieces of `vocabulary` of the given kinds; empty pieces are left out.
  init(
    _ vocabulary: Vocabulary, _ wanted: Set<TokenKind> = [.control, .unknown, .userDefined]
  ) throws(TokenizerError) {
    var entries: [(piece: [UInt8], value: Int32)] = []
    var total = 0
    for index in 0..<vocabulary.count {
      let kind = vocabulary.kinds[index]
      guard wanted.contains(kind) else { continue }
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
    trie = ByteTrie(entries)
  }

  /// The first token at or after `start`; control tokens only where `parsing` has them.
  func next(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ parsing: borrowing SpecialRanges
  ) -> Token? {
    guard !isEmpty else { return nil }
    var position = start
    while position < text.count {
      if trie.root(text[position]) >= 0, let token = longest(text, position, parsing) { return token }
      position += 1
    }
    return nil
  }

  private func longest(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ parsing: borrowing SpecialRanges
  ) -> Token? {
    var best: Token?
    var node = trie.root(text[start])
    var position = start + 1
    while node >= 0 {
      let token = trie.value(node)
      if token >= 0, isControl[token] == false || parsing.contains(start..<position) {
        best = Token(id: TokenID(rawValue: token), range: start..<position)
      }
      guard position < text.count else { break }
      node = trie.child(of: node, text[position])
      position += 1
    }
    return best
  }
}
