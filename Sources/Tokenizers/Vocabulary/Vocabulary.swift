import Tokens

/// The pieces of a model file with their kinds and special roles, checked; what all tokenizers have in common.
struct Vocabulary: Sendable {
  /// The pieces as the file spells them.
  var pieces = PieceList()
  /// The kind of each piece.
  var kinds: [TokenKind] = []
  /// The score of each piece; empty when the file has none.
  var scores: [Float] = []
  /// Finds a piece by its spelling.
  var spellings: PieceTable
  /// The tokens with a role.
  var roles = SpecialRoles()

  /// The number of pieces.
  var count: Int { kinds.count }

  /// Whether `token` is in the vocabulary.
  func contains(_ token: TokenID) -> Bool {
    token.rawValue >= 0 && token.index < count
  }

  /// The kind of `token`; `.unused` out of range.
  func kind(of token: TokenID) -> TokenKind {
    contains(token) ? kinds[token.index] : .unused
  }

  /// The token that is spelled `text`.
  func token(_ text: String) -> TokenID? {
    spellings.find(Array(text.utf8)).map { TokenID($0) }
  }
}

/// The tokens of a vocabulary that have a role, and what the model expects around a text.
struct SpecialRoles: Sendable {
  var beginningOfSequence: TokenID?
  var endOfSequence: TokenID?
  var unknown: TokenID?
  var padding: TokenID?
  var endOfGeneration: Set<TokenID> = []
  var addsBeginningOfSequence = false
  var addsEndOfSequence = false
}
