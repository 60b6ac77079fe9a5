import ModelFormats
import Tokens

/// Byte-level byte-pair encoding: GPT-2's scheme, with a splitting rule by name.
///
/// Every byte has a symbol, so any text, well-formed or not, decodes to itself. A byte without a token (some
/// vocabularies lack bytes that never occur in UTF-8) is left out, as in the reference implementations.
final class BytePairTokenizer: VocabularyTokenizer {
  let vocabulary: Vocabulary
  let model: BytePairModel
  private let splitter: Splitter
  private let specials: SpecialMatcher
  /// The family and the splitting rule: "gpt2/smollm".
  let name: String

  /// Reads a vocabulary whose `tokenizer.ggml.model` is "gpt2".
  init(_ metadata: Metadata) throws(TokenizerError) {
    let rule = try SplittingRule.named(try metadata.name(MetadataKey.pre) ?? "default")
    var vocabulary = try Vocabulary(metadata)
    var defaults = RoleDefaults.bytePair
    defaults.addsBeginning = rule.addsBeginning
    try vocabulary.readRoles(metadata, defaults: defaults)
    model = try BytePairModel(vocabulary, metadata, ignoresMerges: rule.ignoresMerges)
    specials = try SpecialMatcher(vocabulary)
    splitter = try rule.makeSplitter()
    name = "gpt2/\(rule.name)"
    self.vocabulary = vocabulary
  }

  var dropsLeadingSpace: Bool { false }

  func bytes(of token: TokenID) -> [UInt8] { model.outputs[token.index] }

  func encode(
    _ text: UnsafeBufferPointer<UInt8>, special: SpecialParsing, continuesText: Bool
  ) throws(TokenizerError) -> [Token] {
    var tokens: [Token] = []
    tokens.reserveCapacity(text.count / 3)
    let buffer = SymbolBuffer()
    try specials.partition(text, special) { (fragment, _) throws(TokenizerError) in
      guard let base = text.baseAddress else { return }
      try splitter.forEachPiece(base, fragment) { (piece) throws(TokenizerError) in
        try buffer.meter.spend(piece.count)
        try append(text, piece, buffer, &tokens)
      }
    } special: { token in
      tokens.append(token)
    }
    return tokens
  }

  @inline(__always)
  private func append(
    _ text: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ buffer: SymbolBuffer, _ tokens: inout [Token]
  ) throws(TokenizerError) {
    if let token = model.token(word: UnsafeBufferPointer(rebasing: text[piece])) {
      tokens.append(Token(id: TokenID(token), range: piece))
      return
    }
    buffer.count = 0
    for position in piece { buffer.append(model.byteSymbols[Int(text[position])], end: position + 1) }
    try model.merger.merge(buffer)
    var start = piece.lowerBound
    for index in 0..<buffer.count {
      let end = buffer.ends[index]
      if Int(buffer.ids[index]) < model.tokenCount {
        tokens.append(Token(id: TokenID(Int(buffer.ids[index])), range: start..<end))
      } else {
        appendBytes(text, start..<end, &tokens)
      }
      start = end
    }
  }

  /// Adds the tokens of the bytes of a symbol that is not a token.
  private func appendBytes(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ tokens: inout [Token]) {
    for position in range {
      let symbol = Int(model.byteSymbols[Int(text[position])])
      guard symbol < model.tokenCount else { continue }
      tokens.append(Token(id: TokenID(symbol), range: position..<(position + 1)))
    }
  }
}
