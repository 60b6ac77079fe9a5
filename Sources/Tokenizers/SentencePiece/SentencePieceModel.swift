import Tokens

/// The tables of a SentencePiece byte-pair vocabulary: characters → symbols, merges by score, whole words.
///
/// The reference joins any two neighbours whose joint spelling is a piece, the best score first. Every such pair is one
/// way to cut a piece in two, so all pairs are known when the file is read, and ranking the scores turns them into
/// ordinary merges.
struct SentencePieceModel: Sendable {
  /// The bytes of "▁", which stands for a space in pieces.
  static let space: [UInt8] = [0xE2, 0x96, 0x81]

  /// Spellings → symbols: normal tokens, then single characters that occur in pieces only.
  private var symbols: PieceTable
  /// Words as a text spells them, with a space for "▁" → the token that merging the word gives.
  private var words: PieceTable
  private(set) var merger: BytePairMerger
  /// The symbol of "▁".
  private(set) var spaceSymbol: UInt32 = 0
  /// The token of each byte, nil if the vocabulary has none.
  let byteTokens: [TokenID?]
  /// Whether no piece has a "▁" behind another character, so that words never merge with each other.
  private(set) var splitsAtSpaces = true
  /// The number of tokens; symbols from here on are not tokens.
  let tokenCount: Int
  private var virtualCount = 0
  private var asciiSymbols: [UInt32] = []

  /// Builds the tables.
  init(_ vocabulary: Vocabulary) throws(TokenizerError) {
    tokenCount = vocabulary.count
    symbols = PieceTable(capacity: vocabulary.count)
    words = PieceTable(capacity: vocabulary.count)
    merger = BytePairMerger(table: MergeTable(capacity: vocabulary.count * 4))
    byteTokens = try vocabulary.byteTokens()
    let normal = vocabulary.kinds.indices.filter { vocabulary.kinds[$0] == .normal }
    for index in normal where !vocabulary.pieces.range(index).isEmpty {
      _ = symbols.insert(vocabulary.pieces[index], index)
    }
    spaceSymbol = symbol(of: Self.space)
    asciiSymbols = (0..<128).map { symbol(of: [UInt8($0)]) }
    asciiSymbols[32] = spaceSymbol
    try addMerges(vocabulary, normal)
    try findWords(vocabulary, normal)
  }

  /// The token that the whole of `word`, with its leading space, is.
  @inline(__always)
  func token(word: UnsafeBufferPointer<UInt8>) -> Int? {
    words.find(word)
  }

  /// The symbol of the character at `position` and its length in bytes; nil for a character in no piece.
  @inline(__always)
  func character(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> (symbol: UInt32?, length: Int) {
    if text[position] < 0x80 { return (asciiSymbols[Int(text[position])], 1) }
    guard let base = text.baseAddress else { return (nil, 1) }
    let length = UTF8Scalar.decode(base, at: position, to: text.count).length
    guard length > 1 else { return (nil, 1) }
    let symbol = symbols.find(UnsafeBufferPointer(rebasing: text[position..<(position + length)]))
    return (symbol.map { UInt32($0) }, length)
  }

  /// The symbol of a character; a new one if the character has none.
  private mutating func symbol(of character: [UInt8]) -> UInt32 {
    if let known = symbols.insert(character, tokenCount + virtualCount) { return UInt32(known) }
    virtualCount += 1
    return UInt32(tokenCount + virtualCount - 1)
  }

  /// Makes every way to cut a piece into two symbols a merge.
  private mutating func addMerges(_ vocabulary: Vocabulary, _ normal: [Int]) throws(TokenizerError) {
    let ranks = Self.ranks(vocabulary, normal)
    var work = 0
    for index in normal {
      let piece = vocabulary.pieces[index]
      let cuts = Self.cuts(piece)
      // A piece with a plain space never occurs, since spaces become "▁" first.
      guard cuts.count > 2, !piece.contains(UInt8(ascii: " ")) else { continue }
      work += piece.count * cuts.count
      guard work <= Limits.cutBytes else {
        throw .limit(name: "cutBytes", found: work, maximum: Limits.cutBytes)
      }
      for place in 0..<(cuts.count - 1) { _ = symbol(of: Array(piece[cuts[place]..<cuts[place + 1]])) }
      piece.withUnsafeBufferPointer { addMerges(of: $0, cuts, index, ranks[index]) }
      guard merger.table.count <= Limits.merges else {
        throw .limit(name: "merges", found: merger.table.count, maximum: Limits.merges)
      }
    }
  }

  private mutating func addMerges(
    of piece: UnsafeBufferPointer<UInt8>, _ cuts: [Int], _ index: Int, _ rank: UInt32
  ) {
    for cut in cuts.dropFirst().dropLast() {
      guard let left = symbols.find(UnsafeBufferPointer(rebasing: piece[..<cut])),
        let right = symbols.find(UnsafeBufferPointer(rebasing: piece[cut...]))
      else { continue }
      merger.table.insert(UInt32(left), UInt32(right), rank: rank, merged: UInt32(index))
      if piece[cut...].starts(with: Self.space), !piece[..<cut].elementsEqual(Self.spaces(cut)) {
        splitsAtSpaces = false
      }
    }
  }

  private static func spaces(_ byteCount: Int) -> [UInt8] {
    Array((0..<byteCount).lazy.map { space[$0 % 3] })
  }

  /// The byte offsets of the characters of `piece`, with both ends.
  private static func cuts(_ piece: [UInt8]) -> [Int] {
    piece.withUnsafeBufferPointer { buffer -> [Int] in
      guard let base = buffer.baseAddress else { return [0] }
      var cuts = [0]
      while let last = cuts.last, last < buffer.count {
        cuts.append(last + UTF8Scalar.decode(base, at: last, to: buffer.count).length)
      }
      return cuts
    }
  }

  /// The rank of each token's score among all scores, the best first; equal scores have equal ranks.
  private static func ranks(_ vocabulary: Vocabulary, _ normal: [Int]) -> [UInt32] {
    var ranks = [UInt32](repeating: 0, count: vocabulary.count)
    guard !vocabulary.scores.isEmpty else { return ranks }
    var rank: UInt32 = 0
    var before: Float?
    for index in normal.sorted(by: { vocabulary.scores[$0] > vocabulary.scores[$1] }) {
      if let before, before != vocabulary.scores[index] { rank += 1 }
      before = vocabulary.scores[index]
      ranks[index] = rank
    }
    return ranks
  }

  private mutating func findWords(_ vocabulary: Vocabulary, _ normal: [Int]) throws(TokenizerError) {
    guard splitsAtSpaces else { return }
    let buffer = SymbolBuffer()
    for index in normal {
      let piece = vocabulary.pieces[index]
      guard !piece.isEmpty, piece.count <= 128, !piece.contains(UInt8(ascii: " ")) else { continue }
      buffer.count = 0
      var word: [UInt8] = []
      let cuts = Self.cuts(piece)
      for place in 0..<(cuts.count - 1) {
        let character = Array(piece[cuts[place]..<cuts[place + 1]])
        word += character == Self.space ? [UInt8(ascii: " ")] : character
        buffer.append(symbol(of: character), end: 0)
      }
      try merger.merge(buffer)
      if buffer.count == 1, buffer.ids[0] == UInt32(index) { _ = words.insert(word, index) }
    }
  }
}
