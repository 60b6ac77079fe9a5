import Tokenizers
public import Tokens

/// A token and the part of the text that it stands for.
public struct TextToken: Sendable, Equatable {
  /// The id in the vocabulary.
  public var id: TokenID
  /// The bytes that it decodes to.
  public var piece: [UInt8]
  /// Byte offsets in the text; empty for a token that was added.
  public var range: Range<Int>
  /// Whether it is a control token.
  public var isSpecial: Bool

  /// A token and its place in the text.
  public init(id: TokenID, piece: [UInt8], range: Range<Int>, isSpecial: Bool) {
    self.id = id
    self.piece = piece
    self.range = range
    self.isSpecial = isSpecial
  }
}

extension TextToken {
  /// The bytes that a token takes in an answer beside its piece, at most.
  private static let bytesBesidePiece = 25

  /// Tokens with the tokenizer's facts about them.
  ///
  /// - Throws: `WorkbenchError` of kind `outOfRange` when an answer cannot hold them.
  static func list(_ tokens: [Token], of tokenizer: any Tokenizer) throws -> [TextToken] {
    var answer = AnswerSize("tokensBytes", limit: PipelineLimits.tokensBytes)
    return try tokens.map { token in
      let token = TextToken(token, of: tokenizer)
      try answer.add(token.piece.count + bytesBesidePiece)
      return token
    }
  }

  /// A token with the tokenizer's facts about it.
  init(_ token: Token, of tokenizer: any Tokenizer) {
    self.init(
      id: token.id, piece: tokenizer.bytes(of: token.id), range: token.range,
      isSpecial: tokenizer.kind(of: token.id) == .control)
  }
}
