import Tokens

/// The encoding of one text, to which fragments and special tokens are added in order.
struct SentencePieceRun {
  private let text: UnsafeBufferPointer<UInt8>
  private let model: SentencePieceModel
  private let unknown: TokenID?
  private let buffer = SymbolBuffer()
  /// The tokens so far.
  private(set) var tokens: [Token] = []
  /// Marks a character that no piece contains; the model has no such symbol.
  private static let strange = UInt32.max - 1

  /// A run over `text`, which must outlive it.
  init(_ text: UnsafeBufferPointer<UInt8>, _ model: SentencePieceModel, _ unknown: TokenID?) {
    self.text = text
    self.model = model
    self.unknown = unknown
    tokens.reserveCapacity(text.count / 3)
  }

  /// Adds a special token.
  mutating func append(_ token: Token) {
    tokens.append(token)
  }

  /// Adds the tokens of a fragment.
  mutating func encode(
    _ fragment: Range<Int>, addsSpace: Bool, removesExtraSpaces: Bool
  ) throws(TokenizerError) {
    if removesExtraSpaces { return try encodeTrimmed(fragment, addsSpace: addsSpace) }
    guard model.splitsAtSpaces else { return try encodeWord(fragment, addsSpace: addsSpace) }
    var start = fragment.lowerBound
    var isFirst = true
    while start < fragment.upperBound {
      var end = start
      while end < fragment.upperBound, text[end] == UInt8(ascii: " ") { end += 1 }
      // Spaces behind a "▁" make one run with it, since it means a space too.
      var isRun = false
      while end < fragment.upperBound, text[end] != UInt8(ascii: " ") || isRun || isAfterMark(end, start) {
        isRun = text[end] == UInt8(ascii: " ")
        end += 1
      }
      try encodeWord(start..<end, addsSpace: addsSpace && isFirst)
      isFirst = false
      start = end
    }
  }

  /// Whether a "▁" ends at `position`.
  private func isAfterMark(_ position: Int, _ start: Int) -> Bool {
    position >= start + 3 && text[(position - 3)..<position].elementsEqual(SentencePieceModel.space)
  }

  /// Adds the tokens of a stretch that does not merge with its neighbours.
  private mutating func encodeWord(_ word: Range<Int>, addsSpace: Bool) throws(TokenizerError) {
    try buffer.meter.spend(word.count)
    if !addsSpace, let token = model.token(word: UnsafeBufferPointer(rebasing: text[word])) {
      tokens.append(Token(id: TokenID(token), range: word))
      return
    }
    buffer.count = 0
    if addsSpace { buffer.append(model.spaceSymbol, end: word.lowerBound) }
    var position = word.lowerBound
    while position < word.upperBound { position = appendCharacter(at: position) }
    try flush(from: word.lowerBound)
  }

  /// Adds the tokens of a fragment with each run of spaces as one space, and none at its ends.
  private mutating func encodeTrimmed(_ fragment: Range<Int>, addsSpace: Bool) throws(TokenizerError) {
    var end = fragment.upperBound
    while end > fragment.lowerBound, text[end - 1] == UInt8(ascii: " ") { end -= 1 }
    var position = fragment.lowerBound
    while position < end, text[position] == UInt8(ascii: " ") { position += 1 }
    guard position < end else { return }
    buffer.count = 0
    if addsSpace { buffer.append(model.spaceSymbol, end: position) }
    while position < end {
      if text[position] == UInt8(ascii: " "), text[position + 1] == UInt8(ascii: " ") {
        position += 1
      } else {
        position = appendCharacter(at: position)
      }
    }
    try flush(from: fragment.lowerBound)
  }

  private func appendCharacter(at position: Int) -> Int {
    let (symbol, length) = model.character(text, at: position)
    buffer.append(symbol ?? Self.strange, end: position + length)
    return position + length
  }

  /// Merges the symbols in the buffer and adds the resulting tokens, the first of which begins at `start`.
  private mutating func flush(from start: Int) throws(TokenizerError) {
    try model.merger.merge(buffer)
    var start = start
    for index in 0..<buffer.count {
      let end = buffer.ends[index]
      if Int(buffer.ids[index]) < model.tokenCount {
        tokens.append(Token(id: TokenID(Int(buffer.ids[index])), range: start..<end))
      } else {
        try appendBytes(start..<end, isSpace: buffer.ids[index] == model.spaceSymbol)
      }
      start = end
    }
  }

  /// Adds the byte tokens of a character that is not a token, or the unknown token.
  private mutating func appendBytes(_ range: Range<Int>, isSpace: Bool) throws(TokenizerError) {
    let bytes = isSpace ? SentencePieceModel.space : Array(text[range])
    let found = bytes.compactMap { model.byteTokens[Int($0)] }
    if found.count == bytes.count {
      // A space has one byte in the text and three in the vocabulary: the last token gets that byte.
      let extra = found.count - range.count
      for (index, token) in found.enumerated() {
        let start = range.lowerBound + max(0, index - extra)
        tokens.append(Token(id: token, range: start..<(index < extra ? start : start + 1)))
      }
      return
    }
    guard let unknown else { throw .unencodable(byte: bytes[0], offset: range.lowerBound) }
    if let last = tokens.last, last.id == unknown, last.range.upperBound == range.lowerBound {
      tokens[tokens.count - 1].range = last.range.lowerBound..<range.upperBound
    } else {
      tokens.append(Token(id: unknown, range: range))
    }
  }
}
