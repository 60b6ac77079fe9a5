import Tokens

/// Byte-pair encoding as a `tokenizer.json` describes it: characters or bytes, merged by rank.
///
/// With `readsBytes` the model takes the bytes of a text for which the vocabulary has stand-ins, so that a text in
/// stand-ins is never built. Semantics: models/bpe of Hugging Face's tokenizers 0.23.
struct PairModel: Sendable {
  /// The settings of a file besides pieces and merges.
  struct Options: Sendable {
    var unknown: Int?
    /// The file names an unknown piece that the vocabulary lacks.
    var lacksUnknown = false
    var prefix: [UInt8] = []
    var suffix: [UInt8] = []
    var fusesUnknown = false
    var fallsBackToBytes = false
    var ignoresMerges = false
    var readsBytes = false
  }

  /// Two pieces that merge into one, by their symbols.
  struct Merge: Sendable {
    var left: UInt32
    var right: UInt32
    var whole: UInt32

    /// The merge of the pieces `left` and `right` of `own`; nil if they or their merger are not pieces.
    ///
    /// The first `prefix` bytes of the right one are left out; `joint` is scratch.
    init?(
      _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, prefix: Int, _ own: PieceTable,
      _ joint: inout [UInt8]
    ) {
      joint.removeAll(keepingCapacity: true)
      joint.append(contentsOf: left)
      joint.append(contentsOf: right.dropFirst(prefix))
      guard let first = own.find(left), let second = own.find(right), let whole = own.find(joint) else {
        return nil
      }
      (self.left, self.right, self.whole) = (UInt32(first), UInt32(second), UInt32(whole))
    }
  }

  private let options: Options
  private let merger: BytePairMerger
  /// Words as a text spells them → the tokens with that spelling.
  private var words: PieceTable
  /// Whether merging gives such a token, determined when first needed.
  private let wholes: WordAnswers
  /// The initial symbols of characters or bytes by their place in a word: bit 0 for not the first, bit 1 for the last.
  private var symbols: [ScalarTable] = []
  private var byteSymbols: [[Int32]] = []
  private let byteTokens: [Int]
  /// Whether no piece has a "▁" behind another character, so that words never merge with each other.
  private(set) var splitsAtMarks = false

  /// A model of `vocabulary`, of which `own` are the pieces of the model, and `merges`.
  init(
    _ vocabulary: Vocabulary, _ own: PieceTable, _ merges: [Merge], _ options: Options
  ) throws(TokenizerError) {
    self.options = options
    words = PieceTable(capacity: vocabulary.count)
    wholes = WordAnswers(count: vocabulary.count)
    var table = MergeTable(capacity: merges.count)
    // Of two merges of one pair the last counts, and the table keeps the first that is added.
    for (rank, merge) in merges.enumerated().reversed() {
      table.insert(merge.left, merge.right, rank: UInt32(rank), merged: merge.whole)
    }
    merger = BytePairMerger(table: table)
    let bytes = (0...255).map { own.find(Self.fallback($0)) }
    byteTokens = options.fallsBackToBytes ? bytes.map { $0 ?? -1 } : []
    makeSymbols(vocabulary, own)
    makeWords(vocabulary, own)
  }

  private static func fallback(_ byte: Int) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15]] + Array(">".utf8)
  }

  /// Fills the tables of initial symbols; without prefix and suffix one table serves all places.
  private mutating func makeSymbols(_ vocabulary: Vocabulary, _ own: PieceTable) {
    let forms = options.prefix.isEmpty && options.suffix.isEmpty ? 1 : 4
    for form in 0..<forms {
      let prefix = form & 1 != 0 ? options.prefix : []
      let suffix = form & 2 != 0 ? options.suffix : []
      if options.readsBytes {
        byteSymbols.append(
          (0...255).map { byte in
            Int32(own.find(prefix + UTF8Scalar.bytes(ByteAlphabet.scalars[byte]) + suffix) ?? -1)
          })
        continue
      }
      var table = ScalarTable()
      let longest = prefix.count + suffix.count + 4
      for index in 0..<vocabulary.count where vocabulary.pieces.range(index).count <= longest {
        let piece = vocabulary.pieces[index]
        guard piece.count > prefix.count + suffix.count, piece.starts(with: prefix),
          piece.suffix(suffix.count).elementsEqual(suffix), own.find(piece) == index
        else { continue }
        let middle = Array(piece.dropFirst(prefix.count).dropLast(suffix.count))
        let scalars = UTF8Scalar.scalars(middle)
        if scalars.count == 1, UTF8Scalar.bytes(scalars[0]) == middle { table[scalars[0]] = Int32(index) }
      }
      symbols.append(table)
    }
  }

  /// Finds the words with the spelling of a token.
  private mutating func makeWords(_ vocabulary: Vocabulary, _ own: PieceTable) {
    let mark = SentencePieceModel.space
    var crosses = false
    for index in 0..<vocabulary.count {
      let piece = vocabulary.pieces[index]
      guard !piece.isEmpty, own.find(piece) == index else { continue }
      if !crosses, !options.readsBytes { crosses = Self.hasMarkBehindOther(piece, mark) }
      let spelled: [UInt8]? =
        options.readsBytes ? piece.withUnsafeBufferPointer { ByteAlphabet.bytes(of: $0) } : piece
      if options.ignoresMerges {
        if let spelled { _ = words.insert(spelled, index) }
        continue
      }
      guard var word = spelled, word.count <= 128, word.count > options.suffix.count,
        word.suffix(options.suffix.count).elementsEqual(options.suffix)
      else { continue }
      word.removeLast(options.suffix.count)
      _ = words.insert(word, index)
    }
    splitsAtMarks =
      !crosses && !options.readsBytes && !options.ignoresMerges && options.prefix.isEmpty
      && options.suffix.isEmpty
  }

  private static func hasMarkBehindOther(_ piece: [UInt8], _ mark: [UInt8]) -> Bool {
    var position = 0
    while piece[position...].starts(with: mark) { position += mark.count }
    return position < piece.count && piece[position...].indices.contains { piece[$0...].starts(with: mark) }
  }

  /// Calls `body` with the tokens of the piece `range` of `text`; `buffer` is scratch.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ buffer: SymbolBuffer,
    _ body: (Int, Range<Int>) -> Void
  ) throws(TokenizerError) {
    if !splitsAtMarks { return try encodeWord(text, range, buffer, body) }
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start
      while Self.isMark(text, end, range.upperBound) { end += 3 }
      while end < range.upperBound, !Self.isMark(text, end, range.upperBound) { end += 1 }
      try encodeWord(text, start..<end, buffer, body)
      start = end
    }
  }

  @inline(__always)
  private static func isMark(_ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ end: Int) -> Bool {
    position + 2 < end && text[position] == 0xE2 && text[position + 1] == 0x96 && text[position + 2] == 0x81
  }

  @inline(__always)
  private func encodeWord(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ buffer: SymbolBuffer,
    _ body: (Int, Range<Int>) -> Void
  ) throws(TokenizerError) {
    let word = words.find(UnsafeBufferPointer(rebasing: text[range]))
    if let word, options.ignoresMerges || wholes.isYes(word) { return body(word, range) }
    buffer.count = 0
    guard fill(buffer, text, range) else {
      throw .unencodable(byte: text[range.lowerBound], offset: range.lowerBound)
    }
    try merger.merge(buffer)
    if let word, buffer.count == 1, buffer.ids[0] == UInt32(word) { wholes.setYes(word) }
    var start = range.lowerBound
    for index in 0..<buffer.count {
      body(Int(buffer.ids[index]), start..<buffer.ends[index])
      start = buffer.ends[index]
    }
  }

  /// Puts the initial symbols of a word into `buffer`; false if that needs an unknown piece and the file has none.
  @inline(__always)
  private func fill(_ buffer: SymbolBuffer, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    guard let base = text.baseAddress else { return true }
    var afterUnknown = false
    var position = range.lowerBound
    while position < range.upperBound {
      var length = 1
      var symbol: Int32
      if options.readsBytes {
        symbol = byteSymbols[form(position, position + 1, range, byteSymbols.count)][Int(text[position])]
      } else {
        let scalar: UInt32
        (scalar, length) = UTF8Scalar.decode(base, at: position, to: range.upperBound)
        symbol = symbols[form(position, position + length, range, symbols.count)][scalar]
        if length == 1, scalar >= 0x80 { symbol = -1 }
      }
      let end = position + length
      if symbol >= 0 {
        buffer.append(UInt32(symbol), end: end)
        afterUnknown = false
      } else if appendBytes(buffer, text, position..<end, range) {
        afterUnknown = false
      } else if let unknown = options.unknown {
        if afterUnknown, options.fusesUnknown { buffer.count -= 1 }
        buffer.append(UInt32(unknown), end: end)
        afterUnknown = true
      } else if options.lacksUnknown {
        return false
      }
      position = end
    }
    return true
  }

  @inline(__always)
  private func form(_ start: Int, _ end: Int, _ word: Range<Int>, _ count: Int) -> Int {
    count == 1 ? 0 : (start > word.lowerBound ? 1 : 0) | (end == word.upperBound ? 2 : 0)
  }

  /// Adds the byte tokens of a character that has no symbol, with prefix and suffix as the reference spells it.
  private func appendBytes(
    _ buffer: SymbolBuffer, _ text: UnsafeBufferPointer<UInt8>, _ character: Range<Int>, _ word: Range<Int>
  ) -> Bool {
    guard options.fallsBackToBytes else { return false }
    var bytes =
      options.readsBytes
      ? UTF8Scalar.bytes(ByteAlphabet.scalars[Int(text[character.lowerBound])]) : Array(text[character])
    let offset = character.lowerBound > word.lowerBound ? options.prefix.count : 0
    if offset > 0 { bytes = options.prefix + bytes }
    if character.upperBound == word.upperBound { bytes += options.suffix }
    guard bytes.allSatisfy({ byteTokens[Int($0)] >= 0 }) else { return false }
    for (index, byte) in bytes.enumerated() {
      let end = min(character.upperBound, character.lowerBound + max(0, index + 1 - offset))
      buffer.append(UInt32(byteTokens[Int(byte)]), end: index + 1 == bytes.count ? character.upperBound : end)
    }
    return true
  }
}
