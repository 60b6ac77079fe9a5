import ModelFormats
import Tokens

/// SentencePiece's byte-pair encoding with scores and byte fallback: Llama 1 and 2, Mistral, Gemma.
///
/// Pieces spell a space as "▁". One is added in front of a text and, as in llama.cpp and Hugging Face's tokenizers, in
/// front of the text after a special token. A character that no piece contains becomes the tokens of its bytes or, if
/// the vocabulary lacks those, part of one unknown token for a run of such characters. "▁" in a text means a space.
final class SentencePieceTokenizer: VocabularyTokenizer {
  /// Where a space is added.
  private enum Prefix {
    case nowhere
    /// In front of a text, and of what follows a special token.
    case everywhere
    /// In front of a text that does not begin with one.
    case atStart
  }

  let vocabulary: Vocabulary
  let name: String
  private let model: SentencePieceModel
  private let specials: SpecialMatcher
  private let prefix: Prefix
  private let removesExtraSpaces: Bool

  /// Reads a vocabulary whose `tokenizer.ggml.model` is "llama".
  init(_ metadata: Metadata) throws(TokenizerError) {
    var vocabulary = try Vocabulary(metadata)
    if metadata[MetadataKey.types] == nil { vocabulary.findBytes() }
    vocabulary.fillScores()
    try vocabulary.readRoles(
      metadata, defaults: RoleDefaults(beginning: 1, end: 2, unknown: 0, addsBeginning: true))
    prefix = try metadata.flag(MetadataKey.addSpacePrefix, default: true) ? .everywhere : .nowhere
    removesExtraSpaces = try metadata.flag(MetadataKey.removeExtraWhitespaces, default: false)
    model = try SentencePieceModel(vocabulary)
    specials = try SpecialMatcher(vocabulary)
    self.vocabulary = vocabulary
    name = "llama"
  }

  /// Makes of a `tokenizer.model` what transformers' `LlamaTokenizer` makes of it; nil for a file that normalizes texts or
  /// chooses pieces in another way, which Llama's never do.
  init?(_ file: SentencePieceFile, _ config: TokenizerConfig) throws(TokenizerError) {
    guard file.kind == .bytePair, file.charsmap.isEmpty, !file.removesExtraSpaces, file.escapesSpaces else {
      return nil
    }
    let vocabulary = try Vocabulary(file, config)
    let adds = file.addsDummyPrefix && config.addsPrefixSpace
    prefix = !adds ? .nowhere : config.isLegacy ? .everywhere : .atStart
    removesExtraSpaces = false
    model = try SentencePieceModel(vocabulary)
    specials = try SpecialMatcher(vocabulary)
    self.vocabulary = vocabulary
    name = "tokenizer.model/llama"
  }

  var dropsLeadingSpace: Bool { prefix != .nowhere }

  func bytes(of token: TokenID) -> [UInt8] {
    let piece = vocabulary.pieces[token.index]
    switch vocabulary.kind(of: token) {
    case .normal: return SentencePieceModel.withSpaces(piece)
    case .byte: return ByteToken.parse(piece).map { [$0] } ?? []
    default: return piece
    }
  }

  func encode(
    _ text: UnsafeBufferPointer<UInt8>, special: SpecialParsing, continuesText: Bool
  ) throws(TokenizerError) -> [Token] {
    var run = SentencePieceRun(text, model, vocabulary.roles.unknown)
    try specials.partition(text, special) { (fragment, isFirst) throws(TokenizerError) in
      let adds =
        switch prefix {
        case .nowhere: false
        case .everywhere: !(isFirst && continuesText)
        case .atStart: isFirst && !continuesText && !Self.beginsWithSpace(text, fragment)
        }
      try run.encode(fragment, addsSpace: adds, removesExtraSpaces: removesExtraSpaces)
    } special: { token in
      run.append(token)
    }
    return run.tokens
  }

  private static func beginsWithSpace(_ text: UnsafeBufferPointer<UInt8>, _ fragment: Range<Int>) -> Bool {
    text[fragment].first == UInt8(ascii: " ") || text[fragment].starts(with: SentencePieceModel.space)
  }
}

extension Vocabulary {
  /// Finds the byte tokens by their spelling, for a file without types.
  fileprivate mutating func findBytes() {
    for index in 0..<count where ByteToken.parse(pieces[index]) != nil { kinds[index] = .byte }
  }
}
