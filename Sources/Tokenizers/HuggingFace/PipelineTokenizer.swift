import JSON
import Tokens

/// The tokenizer of a `tokenizer.json` of Hugging Face's tokenizers: its added tokens, normalizers, pre-tokenizers,
/// model, post-processor and decoders.
///
/// Semantics: Hugging Face's tokenizers 0.23. `SpecialParsing.all` is its `encode`, `.none` its `encode_special_tokens`;
/// `prefix` and `suffix` are what `add_special_tokens` puts around a text.
final class PipelineTokenizer: VocabularyTokenizer {
  let vocabulary: Vocabulary
  let name: String
  let prefix: [TokenID]
  let suffix: [TokenID]
  private let rawTokens: AddedTokens
  private let normalTokens: AddedTokens
  private let normalizers: [NormalizerStep]
  private let splits: [SplitStep]
  /// The pre-tokenizers, if all of them only cut.
  private let splitter: Splitter?
  /// Whether the last pre-tokenizer is left out because the model reads bytes.
  private let readsBytes: Bool
  private let model: TextModel
  private let chain: DecoderChain
  /// The tokens that `skipSpecial` skips: those that decode to the spelling of a special token.
  private let specials: Set<TokenID>
  /// The normal forms that tokens found in normalized text decode to.
  private let normalContents: [TokenID: [UInt8]]

  /// The tokenizer of a file.
  init(_ file: PipelineFile) throws(TokenizerError) {
    vocabulary = file.vocabulary
    name = file.name
    prefix = file.surroundings.prefix.map { TokenID($0) }
    suffix = file.surroundings.suffix.map { TokenID($0) }
    normalizers = file.normalizers
    splits = file.splits
    readsBytes = file.readsBytes
    splitter = Self.splitter(file.splits, readsBytes: file.readsBytes)
    model = file.model
    chain = DecoderChain(file.decoders)
    rawTokens = try AddedTokens(file.added.filter { !$0.isNormalized })
    let normal = try file.added.filter(\.isNormalized).map { (entry) throws(TokenizerError) in
      var entry = entry
      entry.content = try Self.normalize(entry.content, file.normalizers)
      return entry
    }
    normalTokens = try AddedTokens(normal)
    let names = Set(file.added.lazy.filter(\.isSpecial).map(\.content))
    let shown = file.added.filter { !$0.isNormalized } + normal
    let found = shown.lazy.filter { names.contains($0.content) }.map { TokenID($0.id) }
    let others = Self.spelled(names, file.vocabulary).subtracting(file.added.map { TokenID($0.id) })
    specials = Set(found).union(others)
    normalContents = Dictionary(normal.map { (TokenID($0.id), $0.content) }, uniquingKeysWith: { $1 })
    try chain.check(pieceBytes: max(vocabulary.pieces.longest, normal.map(\.content.count).max() ?? 0))
  }

  /// The tokens of `vocabulary` with a spelling in `names`; several may have the same.
  private static func spelled(_ names: Set<[UInt8]>, _ vocabulary: Vocabulary) -> Set<TokenID> {
    let lengths = Set(names.map(\.count))
    guard let most = lengths.max() else { return [] }
    let isLength = (0...most).map { lengths.contains($0) }
    var result: Set<TokenID> = []
    for index in 0..<vocabulary.count {
      let count = vocabulary.pieces.range(index).count
      guard count <= most, isLength[count], names.contains(vocabulary.pieces[index]) else { continue }
      result.insert(TokenID(index))
    }
    return result
  }

  /// The tokenizer of the bytes of a `tokenizer.json`.
  convenience init(json bytes: [UInt8]) throws(TokenizerError) {
    try self.init(try PipelineFile(try JSONDocument.read(bytes).root))
  }

  private static func normalize(_ bytes: [UInt8], _ steps: [NormalizerStep]) throws(TokenizerError) -> [UInt8]
  {
    var text = bytes.withUnsafeBufferPointer { AlignedText($0, 0..<$0.count) }
    for step in steps { text = try step.apply(text) }
    return text.bytes
  }

  /// The pre-tokenizers as passes of a splitter; nil if one of them does more than cut.
  static func splitter(_ splits: [SplitStep], readsBytes: Bool) -> Splitter? {
    var passes: [Splitter.Pass] = []
    for (index, split) in splits.enumerated() {
      switch split {
      case .pattern(.automaton(let automaton), .isolated, _): passes.append(.pattern(automaton))
      case .byteLevel(false, let cuts) where readsBytes && index == splits.count - 1:
        guard cuts else { continue }
        guard let automaton = try? SplitAutomaton(SplittingRules.gpt2) else { return nil }
        passes.append(.pattern(automaton))
      default: return nil
      }
    }
    return Splitter(passes: passes)
  }

  var dropsLeadingSpace: Bool { false }

  func bytes(of token: TokenID) -> [UInt8] {
    vocabulary.contains(token) ? chain.bytes(of: piece(token), isFirst: false, isLast: false) : []
  }

  func makeDecoding(skipSpecial: Bool, continuesText: Bool) -> any TokenDecoding {
    let (vocabulary, specials, contents) = (vocabulary, specials, normalContents)
    return ChainDecoding(chain, continuesText: continuesText) { token in
      guard vocabulary.contains(token), vocabulary.kinds[token.index] != .unused else { return nil }
      if skipSpecial, specials.contains(token) { return nil }
      return contents[token] ?? vocabulary.pieces[token.index]
    }
  }

  func encode(
    _ text: UnsafeBufferPointer<UInt8>, special: SpecialParsing, continuesText: Bool
  ) throws(TokenizerError) -> [Token] {
    guard text.count <= Limits.textBytes else {
      throw .limit(name: "textBytes", found: text.count, maximum: Limits.textBytes)
    }
    let ranges = try SpecialRanges(special, textBytes: text.count)
    var tokens: [Token] = []
    tokens.reserveCapacity(text.count / 3)
    var scratch = TextModel.Scratch()
    for part in rawTokens.parts(text, 0..<text.count, { ranges.contains($0) }) {
      if let id = part.id {
        tokens.append(Token(id: TokenID(id), range: part.range))
      } else if normalizers.isEmpty, normalTokens.isEmpty, let splitter {
        try append(text, part.range, splitter, nil, &scratch, &tokens)
      } else {
        let continues = continuesText && part.range.lowerBound == 0
        try append(text, part.range, special, ranges, continues: continues, &scratch, &tokens)
      }
    }
    Self.disentangle(&tokens)
    return tokens
  }

  /// Cuts off what a range has in common with earlier ones, which only parts of stripped white space have.
  private static func disentangle(_ tokens: inout [Token]) {
    var end = 0
    for index in tokens.indices {
      let range = tokens[index].range
      if range.lowerBound < end { tokens[index].range = end..<max(end, range.upperBound) }
      end = tokens[index].range.upperBound
    }
  }

  /// Adds the tokens of a stretch between tokens that were found before normalization.
  private func append(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ special: SpecialParsing,
    _ ranges: borrowing SpecialRanges, continues: Bool, _ scratch: inout TextModel.Scratch,
    _ tokens: inout [Token]
  ) throws(TokenizerError) {
    var normal = AlignedText(text, range)
    for step in normalizers {
      if continues, case .prepend = step { continue }
      normal = try step.apply(normal)
    }
    let parts = normal.bytes.withUnsafeBufferPointer { buffer in
      normalTokens.parts(buffer, 0..<buffer.count) { ranges.contains(normal.source($0)) }
    }
    for part in parts {
      if let id = part.id {
        tokens.append(Token(id: TokenID(id), range: normal.source(part.range)))
        continue
      }
      if let splitter {
        try normal.bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
          try append(buffer, part.range, splitter, normal, &scratch, &tokens)
        }
      } else {
        let isAll = part.range.count == normal.count
        try appendChanged(
          isAll ? normal : normal.part(part.range), continues: continues && part.range.lowerBound == 0,
          &scratch,
          &tokens)
      }
    }
  }

  /// Adds the tokens of a stretch that only needs cutting; `aligned` gives the source ranges of its bytes.
  @inline(__always)
  private func append(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ splitter: Splitter, _ aligned: AlignedText?,
    _ scratch: inout TextModel.Scratch, _ tokens: inout [Token]
  ) throws(TokenizerError) {
    guard let base = text.baseAddress else { return }
    try splitter.forEachPiece(base, range) { (piece) throws(TokenizerError) in
      try model.encode(text, piece, &scratch) { id, range in
        tokens.append(Token(id: TokenID(id), range: aligned?.source(range) ?? range))
      }
    }
  }

  /// Adds the tokens of a stretch that pre-tokenizers change.
  private func appendChanged(
    _ text: AlignedText, continues: Bool, _ scratch: inout TextModel.Scratch, _ tokens: inout [Token]
  ) throws(TokenizerError) {
    var cut = PreTokenized(text)
    for (index, step) in splits.enumerated() {
      if readsBytes, index == splits.count - 1, case .byteLevel(let addsSpace, let splits) = step {
        try cut.applyLeavingBytes(addsSpace: addsSpace, splits: splits, continues: continues)
      } else {
        try cut.apply(step, continues: continues)
      }
    }
    let result = cut.text
    try result.bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
      for piece in cut.pieces {
        try model.encode(buffer, piece, &scratch) { id, range in
          tokens.append(Token(id: TokenID(id), range: result.source(range)))
        }
      }
    }
  }
}
