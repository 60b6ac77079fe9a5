import Tokens

/// A tokenizer with a `Vocabulary`, from which it takes everything except encoding and decoding.
protocol VocabularyTokenizer: Tokenizer {
  /// The pieces, their kinds and roles.
  var vocabulary: Vocabulary { get }
}

extension VocabularyTokenizer {
  var vocabularySize: Int { vocabulary.count }
  var beginningOfSequence: TokenID? { vocabulary.roles.beginningOfSequence }
  var endOfSequence: TokenID? { vocabulary.roles.endOfSequence }
  var unknown: TokenID? { vocabulary.roles.unknown }
  var padding: TokenID? { vocabulary.roles.padding }
  var endOfGeneration: Set<TokenID> { vocabulary.roles.endOfGeneration }
  var addsBeginningOfSequence: Bool { vocabulary.roles.addsBeginningOfSequence }
  var addsEndOfSequence: Bool { vocabulary.roles.addsEndOfSequence }

  var setAside: [String] { vocabulary.setAside }

  func kind(of token: TokenID) -> TokenKind { vocabulary.kind(of: token) }
  func piece(_ token: TokenID) -> [UInt8] { vocabulary.pieces[token.index] }
  func token(for piece: [UInt8]) -> TokenID? { vocabulary.spellings.find(piece).map { TokenID($0) } }
}
