import ModelFormats

/// The tables of a byte-level byte-pair vocabulary: bytes → symbols, merges, whole words.
struct BytePairModel: Sendable {
  /// The bytes that each token stands for.
  private(set) var outputs = PieceList()
  /// Strings of bytes → symbols: normal tokens, then strings that occur only in merges.
  private var symbols: PieceTable
  /// The bytes of the symbols beyond the vocabulary.
  private(set) var virtual = PieceList()
  /// The symbol of each byte.
  private(set) var byteSymbols: [UInt32] = []
  private(set) var merger: BytePairMerger
  /// Whether a word with a token's bytes becomes that token without merging: if the rule says so, or if merging gives it.
  private var isWord: [Bool]
  /// Whether stand-ins spell the token.
  private var isByteLevel: [Bool]
  /// The number of tokens; symbols from here on are virtual.
  let tokenCount: Int

  /// Builds the tables; with `ignoresMerges` a word that is a token becomes that token, whatever the merges say.
  init(_ vocabulary: Vocabulary, _ metadata: Metadata, ignoresMerges: Bool) throws(TokenizerError) {
    let merges = try metadata.merges()
    tokenCount = vocabulary.count
    symbols = PieceTable(capacity: vocabulary.count)
    merger = BytePairMerger(table: MergeTable(capacity: merges.count))
    isWord = [Bool](repeating: false, count: vocabulary.count)
    isByteLevel = isWord
    outputs.reserve(vocabulary.count, byteCount: vocabulary.pieces.bytes.count)
    vocabulary.pieces.bytes.withUnsafeBufferPointer { all in
      for index in 0..<vocabulary.count {
        let piece = UnsafeBufferPointer(rebasing: all[vocabulary.pieces.range(index)])
        let bytes = vocabulary.kinds[index] == .normal ? ByteAlphabet.bytes(of: piece) : nil
        if let bytes, !bytes.isEmpty, symbols.insert(bytes, index) == nil { isByteLevel[index] = true }
        if let bytes { outputs.append(bytes) } else { outputs.append(piece) }
      }
    }
    byteSymbols = (0...255).map { symbol(of: [UInt8($0)]) }
    try addMerges(merges, vocabulary)
    try markWords(vocabulary, always: ignoresMerges)
  }

  /// The token of `word` as a whole, if merging can be skipped.
  @inline(__always)
  func token(word: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let symbol = symbols.find(word), symbol < tokenCount, isWord[symbol] else { return nil }
    return symbol
  }

  /// The symbol of `bytes`; a new virtual one if `bytes` has none.
  private mutating func symbol(of bytes: [UInt8]) -> UInt32 {
    let fresh = tokenCount + virtual.count
    if let known = symbols.insert(bytes, fresh) { return UInt32(known) }
    virtual.append(bytes)
    return UInt32(fresh)
  }

  private mutating func addMerges(_ merges: [[UInt8]], _ vocabulary: Vocabulary) throws(TokenizerError) {
    var joint: [UInt8] = []
    for (rank, merge) in merges.enumerated() {
      let space = merge.dropFirst().firstIndex(of: UInt8(ascii: " "))
      guard let space, space + 1 < merge.count else {
        throw .invalid(key: MetadataKey.merges, index: rank, reason: "is not two pieces separated by a space")
      }
      joint.removeAll(keepingCapacity: true)
      joint.append(contentsOf: merge[..<space])
      joint.append(contentsOf: merge[(space + 1)...])
      let merged = joint.withUnsafeBufferPointer { symbol(spelled: $0, vocabulary) }
      let (left, right) = merge.withUnsafeBufferPointer { all -> (UInt32, UInt32) in
        (
          symbol(spelled: UnsafeBufferPointer(rebasing: all[..<space]), vocabulary),
          symbol(spelled: UnsafeBufferPointer(rebasing: all[(space + 1)...]), vocabulary)
        )
      }
      merger.table.insert(left, right, rank: UInt32(rank), merged: merged)
    }
  }

  /// The symbol of a spelling in stand-ins: the token with that spelling, otherwise the symbol of its bytes.
  private mutating func symbol(spelled: UnsafeBufferPointer<UInt8>, _ vocabulary: Vocabulary) -> UInt32 {
    if let token = vocabulary.spellings.find(spelled), isByteLevel[token] { return UInt32(token) }
    return symbol(of: ByteAlphabet.bytes(of: spelled) ?? Array(spelled))
  }

  private mutating func markWords(_ vocabulary: Vocabulary, always: Bool) throws(TokenizerError) {
    let buffer = SymbolBuffer()
    for index in 0..<tokenCount where vocabulary.kinds[index] == .normal {
      let range = outputs.range(index)
      if always || range.count == 1 {
        isWord[index] = true
        continue
      }
      guard range.count <= 128 else { continue }
      buffer.count = 0
      for byte in outputs.bytes[range] { buffer.append(byteSymbols[Int(byte)], end: 0) }
      try merger.merge(buffer)
      isWord[index] = buffer.count == 1 && buffer.ids[0] == UInt32(index)
    }
  }
}
