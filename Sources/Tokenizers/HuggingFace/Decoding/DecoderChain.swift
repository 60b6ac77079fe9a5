import Tokens

/// The decoders of a `tokenizer.json` in order: steps for each token, then steps for the joined text.
struct DecoderChain: Sendable {
  private let perToken: [DecoderStep]
  private let together: [DecoderStep]
  /// Whether tokens are joined with spaces, as they are without a decoder.
  private let joinsWithSpaces: Bool

  /// The chain of `steps`, which are nil if the file has no decoder.
  init(_ steps: [DecoderStep]?) {
    joinsWithSpaces = steps == nil
    let steps = steps ?? []
    let fuse = steps.firstIndex { step in
      switch step {
      case .fuse, .byteLevel: true
      default: false
      }
    }
    var perToken = Array(steps[..<(fuse ?? steps.count)])
    if let fuse, case .byteLevel = steps[fuse] { perToken.append(.byteLevel) }
    self.perToken = perToken
    together = fuse.map { Array(steps[($0 + 1)...]) } ?? []
  }

  /// Checks that what decoders make of a piece of `pieceBytes`, and of a whole text, has a bound.
  func check(pieceBytes: Int) throws(TokenizerError) {
    let (joined, overflow) = pieceBytes.addingReportingOverflow(1)
    try Self.check(perToken, overflow ? .max : joined)
    try Self.check(together, Limits.pieceBytes)
  }

  private static func check(_ steps: [DecoderStep], _ bytes: Int) throws(TokenizerError) {
    var most = bytes
    for step in steps {
      most = step.longestResult(of: most)
      guard most <= Limits.decodedPieceBytes else {
        throw .limit(name: "decodedPieceBytes", found: most, maximum: Limits.decodedPieceBytes)
      }
    }
  }

  /// What is stripped from the beginning of a text, and how often at most; nil if decoding needs the whole text first.
  var streamedStrip: (content: [UInt8], count: Int)? {
    if together.isEmpty { return ([], 0) }
    guard together.count == 1, case .strip(let content, let start, 0) = together[0], content.count == 1 else {
      return nil
    }
    return (content, start)
  }

  /// Whether the bytes of a token depend on whether another follows.
  var looksAhead: Bool {
    perToken.contains { if case .wordEnd = $0 { true } else { false } }
  }

  /// Whether repeated tokens count once.
  var collapses: Bool {
    perToken.contains { if case .ctc = $0 { true } else { false } }
  }

  /// The bytes that a token with the spelling `piece` decodes to.
  func bytes(of piece: [UInt8], isFirst: Bool, isLast: Bool) -> [UInt8] {
    var bytes = piece
    for step in perToken { bytes = Self.apply(step, bytes, isFirst, isLast) }
    return joinsWithSpaces && !isFirst ? [0x20] + bytes : bytes
  }

  /// The result of the steps for the joined text.
  func finish(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    for step in together { bytes = Self.apply(step, bytes, true, true) }
    return bytes
  }

  private static func apply(_ step: DecoderStep, _ bytes: [UInt8], _ isFirst: Bool, _ isLast: Bool) -> [UInt8]
  {
    switch step {
    case .fuse: return bytes
    case .byteLevel: return bytes.withUnsafeBufferPointer { ByteAlphabet.bytes(of: $0) } ?? bytes
    case .byteFallback: return ByteToken.parse(bytes).map { [$0] } ?? bytes
    case .metaspace(let mark, let drops):
      return bytes.replacing(mark, with: isFirst && drops ? [] : [0x20])
    case .wordPiece(let prefix, let cleansUp):
      var result = bytes
      if !isFirst {
        if bytes.starts(with: prefix) { result.removeFirst(prefix.count) } else { result.insert(0x20, at: 0) }
      }
      return cleansUp ? cleaned(result) : result
    case .strip(let content, let start, let stop): return stripped(bytes, content, start, stop)
    case .replace(let pattern, let content): return replaced(bytes, pattern, content)
    case .wordEnd(let suffix): return bytes.replacing(suffix, with: isLast ? [] : [0x20])
    case .ctc(let padding, let delimiter, let cleansUp):
      let result = bytes.replacing(padding, with: [])
      return cleansUp ? cleaned(result).replacing(delimiter, with: [0x20]) : result
    }
  }

  private static func stripped(_ bytes: [UInt8], _ content: [UInt8], _ start: Int, _ stop: Int) -> [UInt8] {
    guard !content.isEmpty else { return bytes }
    var result = bytes[...]
    for _ in 0..<start where result.starts(with: content) { result = result.dropFirst(content.count) }
    for _ in 0..<stop where result.suffix(content.count).elementsEqual(content) {
      result = result.dropLast(content.count)
    }
    return Array(result)
  }

  private static func replaced(_ bytes: [UInt8], _ pattern: TextPattern, _ content: [UInt8]) -> [UInt8] {
    if case .literal(let literal) = pattern { return bytes.replacing(literal, with: content) }
    return bytes.withUnsafeBufferPointer { buffer in
      var result: [UInt8] = []
      try? pattern.forEach(buffer, 0..<buffer.count) { range, isMatch in
        if isMatch { result += content } else { result += buffer[range] }
      }
      return result
    }
  }

  /// The text without the spaces that English tokenization adds (decoders/wordpiece of Hugging Face's tokenizers).
  private static func cleaned(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(0x20) else { return bytes }
    let pairs: [(String, String)] = [
      (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
      (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ]
    return pairs.reduce(bytes) { $0.replacing(Array($1.0.utf8), with: Array($1.1.utf8)) }
  }
}

extension [UInt8] {
  /// The bytes with every `old` replaced by `new`, from left to right.
  fileprivate func replacing(_ old: [UInt8], with new: [UInt8]) -> [UInt8] {
    guard let first = old.first, contains(first) else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var position = 0
    while position < count {
      if self[position] == first, self[position...].starts(with: old) {
        result += new
        position += old.count
      } else {
        result.append(self[position])
        position += 1
      }
    }
    return result
  }
}

/// The decoding of one text by a chain of decoders.
struct ChainDecoding: TokenDecoding {
  private let chain: DecoderChain
  private let pieces: @Sendable (TokenID) -> [UInt8]?
  private var isFirst: Bool
  private var held: [UInt8]?
  private var heldIsFirst = true
  private var previous: [UInt8]?
  private var text: [UInt8] = []
  private let strip: (content: [UInt8], count: Int)?
  private var stripped = 0
  private var isAtStart: Bool

  /// A decoding at the beginning of a text, or of a continued one; `pieces` gives nil for a token to leave out.
  init(_ chain: DecoderChain, continuesText: Bool, _ pieces: @escaping @Sendable (TokenID) -> [UInt8]?) {
    self.chain = chain
    self.pieces = pieces
    isFirst = !continuesText
    isAtStart = !continuesText
    strip = chain.streamedStrip
  }

  mutating func push(_ token: TokenID) -> [UInt8] {
    guard let piece = pieces(token) else { return [] }
    if chain.collapses {
      defer { previous = piece }
      if piece == previous { return [] }
    }
    defer { isFirst = false }
    guard chain.looksAhead else { return out(chain.bytes(of: piece, isFirst: isFirst, isLast: false)) }
    defer {
      held = piece
      heldIsFirst = isFirst
    }
    return held.map { out(chain.bytes(of: $0, isFirst: heldIsFirst, isLast: false)) } ?? []
  }

  mutating func finish() -> [UInt8] {
    let last = held.map { out(chain.bytes(of: $0, isFirst: heldIsFirst, isLast: true)) } ?? []
    held = nil
    guard strip == nil else { return last }
    defer { text = [] }
    return chain.finish(text)
  }

  /// The part of new bytes that is certain.
  private mutating func out(_ bytes: [UInt8]) -> [UInt8] {
    guard let strip else {
      if text.count < Limits.heldBytes { text += bytes }
      return []
    }
    guard isAtStart, strip.count > 0 else { return bytes }
    var result = bytes[...]
    while stripped < strip.count, let first = result.first, [first] == strip.content {
      result = result.dropFirst()
      stripped += 1
    }
    if !result.isEmpty { isAtStart = false }
    return Array(result)
  }
}
