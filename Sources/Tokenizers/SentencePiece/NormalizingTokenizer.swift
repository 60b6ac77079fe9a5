import ModelFormats
import Tokens

/// SentencePiece as its own library works: a text is normalized as a whole, then cut into pieces.
///
/// It serves `tokenizer.model` (byte-pair and unigram) and GGUF files whose `tokenizer.ggml.model` is "t5". The spelling
/// of a control piece is text unless its parsing is asked for; then each stretch between control pieces is a text.
final class NormalizingTokenizer: VocabularyTokenizer {
  /// The algorithm that cuts a normalized text into pieces.
  private enum Model {
    case bytePair(SentencePieceModel)
    case unigram(UnigramModel)
  }

  let vocabulary: Vocabulary
  let name: String
  private let model: Model
  private let normalizer: SentencePieceNormalizer
  private let controls: SpecialMatcher
  private let byteTokens: [TokenID?]
  private let userDefined: ByteTrie

  /// A tokenizer of the vocabulary and rules of `file`.
  convenience init(_ file: SentencePieceFile) throws(TokenizerError) {
    guard file.kind == .unigram || file.kind == .bytePair else {
      throw .unsupported(what: "model_type", name: "\(file.kind)", known: ["unigram", "bytePair"])
    }
    guard file.escapesSpaces else {
      throw .unsupported(what: "escape_whitespaces", name: "false", known: ["true"])
    }
    let normalizer = SentencePieceNormalizer(
      map: try CharacterMap(file.charsmap), addsDummyPrefix: file.addsDummyPrefix,
      removesExtraSpaces: file.removesExtraSpaces, treatsSpaceAsSuffix: file.treatsSpaceAsSuffix)
    try self.init(
      try file.vocabulary(), normalizer, isUnigram: file.kind == .unigram,
      name: file.kind == .unigram ? "tokenizer.model/unigram" : "tokenizer.model/bpe")
  }

  /// Reads a vocabulary whose `tokenizer.ggml.model` is "t5".
  convenience init(t5 metadata: Metadata) throws(TokenizerError) {
    var vocabulary = try Vocabulary(metadata)
    vocabulary.fillScores()
    try vocabulary.readRoles(metadata, defaults: RoleDefaults(end: 1, unknown: 2, padding: 0))
    let normalizer = SentencePieceNormalizer(
      map: try CharacterMap(try metadata.charsmap()),
      addsDummyPrefix: try metadata.flag(MetadataKey.addSpacePrefix, default: true),
      removesExtraSpaces: try metadata.flag(MetadataKey.removeExtraWhitespaces, default: false))
    try self.init(vocabulary, normalizer, isUnigram: true, name: "t5")
  }

  private init(
    _ vocabulary: Vocabulary, _ normalizer: SentencePieceNormalizer, isUnigram: Bool, name: String
  ) throws(TokenizerError) {
    self.vocabulary = vocabulary
    self.name = name
    byteTokens = try vocabulary.byteTokens()
    controls = try SpecialMatcher(vocabulary, [.control, .unknown])
    var own: [(piece: [UInt8], value: Int32)] = []
    for index in 0..<vocabulary.count where vocabulary.kinds[index] == .userDefined {
      let piece = vocabulary.pieces[index]
      guard piece.count <= Limits.specialPieceBytes else {
        throw .invalid(
          key: "pieces", index: index,
          reason:
            "is user-defined and has \(piece.count) bytes; at most \(Limits.specialPieceBytes) is allowed")
      }
      if !piece.isEmpty { own.append((piece, Int32(index))) }
    }
    var normalizer = normalizer
    normalizer.userDefined = own.isEmpty ? nil : ByteTrie(own)
    self.normalizer = normalizer
    // A piece with a plain space never occurs, since spaces become "▁" first.
    let met = own.filter { !$0.piece.contains(UInt8(ascii: " ")) }
    userDefined = ByteTrie(met.map { (SentencePieceModel.withSpaces($0.piece), $0.value) })
    model = isUnigram ? .unigram(try Self.unigram(vocabulary)) : .bytePair(try SentencePieceModel(vocabulary))
  }

  private static func unigram(_ vocabulary: Vocabulary) throws(TokenizerError) -> UnigramModel {
    guard vocabulary.roles.unknown != nil else { throw .missing(key: "the unknown piece") }
    let normal = vocabulary.kinds.indices.filter { vocabulary.kinds[$0] == .normal }
    let best = normal.map { vocabulary.scores[$0] }.max() ?? 0
    let worst = normal.map { vocabulary.scores[$0] }.min() ?? 0
    var scores = vocabulary.scores.map { Double($0) }
    var entries: [(piece: [UInt8], value: Int32)] = []
    for index in 0..<vocabulary.count {
      let kind = vocabulary.kinds[index]
      guard kind == .normal || kind == .userDefined else { continue }
      let piece = vocabulary.pieces[index]
      // A piece with a plain space never occurs, since spaces become "▁" first.
      guard !piece.isEmpty, !piece.contains(UInt8(ascii: " ")) else { continue }
      // In the reference (found by comparing with 0.2.3) a user-defined piece scores as well as the best piece.
      if kind == .userDefined { scores[index] = Double(best) }
      entries.append((SentencePieceModel.withSpaces(piece), Int32(index)))
    }
    return try UnigramModel(entries, scores: scores, worst: Double(worst), isSingle: true)
  }

  var dropsLeadingSpace: Bool {
    normalizer.addsDummyPrefix && !normalizer.treatsSpaceAsSuffix || normalizer.removesExtraSpaces
  }

  func makeDecoding(skipSpecial: Bool, continuesText: Bool) -> any TokenDecoding {
    let dropped: LeadingSpaceDecoding.Dropped = normalizer.removesExtraSpaces ? .all : .one
    return LeadingSpaceDecoding(
      self, skipSpecial: skipSpecial, dropping: dropsLeadingSpace && !continuesText ? dropped : .none,
      fromUserDefined: true)
  }

  func bytes(of token: TokenID) -> [UInt8] {
    let piece = vocabulary.pieces[token.index]
    switch vocabulary.kind(of: token) {
    case .normal, .userDefined: return SentencePieceModel.withSpaces(piece)
    case .byte: return ByteToken.parse(piece).map { [$0] } ?? []
    default: return piece
    }
  }

  func encode(
    _ text: UnsafeBufferPointer<UInt8>, special: SpecialParsing, continuesText: Bool
  ) throws(TokenizerError) -> [Token] {
    var tokens: [Token] = []
    tokens.reserveCapacity(text.count / 3)
    let scratch = UnigramModel.Scratch()
    try controls.partition(text, special) { (fragment, isFirst) throws(TokenizerError) in
      let normal = try normalizer.normalize(text, fragment, addsPrefix: !(isFirst && continuesText))
      try append(normal, scratch, &tokens)
    } special: { token in
      tokens.append(token)
    }
    return tokens
  }

  private func append(
    _ normal: AlignedText, _ scratch: UnigramModel.Scratch, _ tokens: inout [Token]
  ) throws(TokenizerError) {
    try normal.bytes.withUnsafeBufferPointer { (text) throws(TokenizerError) in
      switch model {
      case .bytePair(let model):
        for token in try bytePair(model, text) {
          tokens.append(Token(id: token.id, range: normal.source(token.range)))
        }
      case .unigram(let model):
        var afterUnknown = -1
        try model.encode(text, 0..<text.count, scratch) { (symbol, range) throws(TokenizerError) in
          if case .piece(let piece) = symbol {
            tokens.append(Token(id: TokenID(piece), range: normal.source(range)))
          } else if !appendBytes(text, range, normal, &tokens) {
            appendUnknown(normal.source(range), continues: afterUnknown == range.lowerBound, &tokens)
            afterUnknown = range.upperBound
          }
        }
      }
    }
  }

  /// The tokens of a normal text, with ranges in it; user-defined pieces are cut out first.
  private func bytePair(
    _ model: SentencePieceModel, _ text: UnsafeBufferPointer<UInt8>
  ) throws(TokenizerError) -> [Token] {
    var run = SentencePieceRun(text, model, vocabulary.roles.unknown)
    guard !userDefined.isEmpty else {
      try run.encode(0..<text.count, addsSpace: false, removesExtraSpaces: false)
      return run.tokens
    }
    var start = 0
    var position = 0
    while position < text.count {
      if let user = userDefined.longest(text, position, to: text.count) {
        if start < position {
          try run.encode(start..<position, addsSpace: false, removesExtraSpaces: false)
        }
        run.append(Token(id: TokenID(Int(user.value)), range: position..<user.end))
        position = user.end
        start = position
      } else {
        position += model.character(text, at: position).length
      }
    }
    if start < text.count { try run.encode(start..<text.count, addsSpace: false, removesExtraSpaces: false) }
    return run.tokens
  }

  /// Adds the byte tokens of one character; false when the vocabulary lacks some.
  private func appendBytes(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ normal: AlignedText, _ tokens: inout [Token]
  ) -> Bool {
    let isSpace = range.count == 1 && text[range.lowerBound] == UInt8(ascii: " ")
    let bytes = isSpace ? SentencePieceModel.space : Array(text[range])
    let found = bytes.compactMap { byteTokens[Int($0)] }
    guard found.count == bytes.count else { return false }
    for (index, token) in found.enumerated() {
      let start = normal.source(range.lowerBound + (isSpace ? 0 : index))
      let end = isSpace && index < 2 ? start : normal.source(range.lowerBound + (isSpace ? 1 : index + 1))
      tokens.append(Token(id: token, range: start..<max(start, end)))
    }
    return true
  }

  private func appendUnknown(_ range: Range<Int>, continues: Bool, _ tokens: inout [Token]) {
    guard let unknown = vocabulary.roles.unknown else { return }
    if continues, let last = tokens.last, last.id == unknown {
      tokens[tokens.count - 1].range = last.range.lowerBound..<max(last.range.upperBound, range.upperBound)
    } else {
      tokens.append(Token(id: unknown, range: range))
    }
  }
}

extension Metadata {
  /// The bytes of `tokenizer.ggml.precompiled_charsmap`; empty if the key is missing.
  fileprivate func charsmap() throws(TokenizerError) -> [UInt8] {
    guard self[MetadataKey.charsmap] != nil else { return [] }
    guard let numbers = integers(MetadataKey.charsmap) else {
      throw .wrongType(key: MetadataKey.charsmap, expected: "an array of bytes")
    }
    return numbers.map { UInt8(truncatingIfNeeded: $0) }
  }
}
