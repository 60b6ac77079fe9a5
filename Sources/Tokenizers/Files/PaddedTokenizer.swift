import Tokens

/// A tokenizer with an id for each row of a network's embedding, of which the last stand for nothing.
///
/// A network may choose such a row, in transformers and llama.cpp as here.
struct PaddedTokenizer: Tokenizer {
  private let base: any Tokenizer
  let vocabularySize: Int

  /// `base` with `rows` ids, if it has fewer.
  static func padding(_ base: any Tokenizer, to rows: Int) -> any Tokenizer {
    base.vocabularySize < rows ? PaddedTokenizer(base: base, vocabularySize: rows) : base
  }

  var name: String { base.name }
  var beginningOfSequence: TokenID? { base.beginningOfSequence }
  var endOfSequence: TokenID? { base.endOfSequence }
  var unknown: TokenID? { base.unknown }
  var padding: TokenID? { base.padding }
  var endOfGeneration: Set<TokenID> { base.endOfGeneration }
  var addsBeginningOfSequence: Bool { base.addsBeginningOfSequence }
  var addsEndOfSequence: Bool { base.addsEndOfSequence }
  var setAside: [String] { base.setAside }
  var dropsLeadingSpace: Bool { base.dropsLeadingSpace }
  var prefix: [TokenID] { base.prefix }
  var suffix: [TokenID] { base.suffix }

  func encode(
    _ text: UnsafeBufferPointer<UInt8>, special: SpecialParsing, continuesText: Bool
  ) throws(TokenizerError) -> [Token] {
    try base.encode(text, special: special, continuesText: continuesText)
  }

  func bytes(of token: TokenID) -> [UInt8] { base.bytes(of: token) }

  func makeDecoding(skipSpecial: Bool, continuesText: Bool) -> any TokenDecoding {
    base.makeDecoding(skipSpecial: skipSpecial, continuesText: continuesText)
  }

  func kind(of token: TokenID) -> TokenKind { base.kind(of: token) }
  func piece(_ token: TokenID) -> [UInt8] { base.piece(token) }
  func token(for piece: [UInt8]) -> TokenID? { base.token(for: piece) }
}
