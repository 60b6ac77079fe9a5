/// WordPiece: the longest piece at the start of a word, then the longest that continues it, and so on.
///
/// A word that pieces cannot cover, or that is too long, is one unknown token (Wu et al. 2016, as in BERT's code).
struct WordPieceModel: Sendable {
  private let first: ByteTrie
  private let continuing: ByteTrie
  private let unknown: Int
  private let maximumCharacters: Int

  /// A model of the pieces that begin words and of those that continue them, without their mark.
  init(
    first: [(piece: [UInt8], value: Int32)], continuing: [(piece: [UInt8], value: Int32)], unknown: Int,
    maximumCharacters: Int
  ) throws(TokenizerError) {
    self.first = try Self.trie(first)
    self.continuing = try Self.trie(continuing)
    self.unknown = unknown
    self.maximumCharacters = maximumCharacters
  }

  private static func trie(_ entries: [(piece: [UInt8], value: Int32)]) throws(TokenizerError) -> ByteTrie {
    for entry in entries where entry.piece.count > Limits.walkedPieceBytes {
      throw .invalid(
        key: "pieces", index: Int(entry.value),
        reason:
          "has \(entry.piece.count) bytes; at most \(Limits.walkedPieceBytes) (walkedPieceBytes) is allowed")
    }
    return ByteTrie(entries)
  }

  /// Calls `body` with the tokens of the word `range` of `text`; `found` is scratch.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ found: inout [(token: Int, end: Int)],
    _ body: (Int, Range<Int>) -> Void
  ) {
    var characters = 0
    if range.count > maximumCharacters {
      for position in range where text[position] & 0xC0 != 0x80 { characters += 1 }
    }
    guard characters <= maximumCharacters else { return body(unknown, range) }
    found.removeAll(keepingCapacity: true)
    var position = range.lowerBound
    while position < range.upperBound {
      let trie = position == range.lowerBound ? first : continuing
      guard let match = trie.longest(text, position, to: range.upperBound), match.end > position else {
        return body(unknown, range)
      }
      found.append((Int(match.value), match.end))
      position = match.end
    }
    var start = range.lowerBound
    for item in found {
      body(item.token, start..<item.end)
      start = item.end
    }
  }
}
