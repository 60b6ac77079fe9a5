import Tokens

/// The checked pieces of a model file with their kinds and special roles, which all tokenizers share.
struct Vocabulary: Sendable {
  /// The pieces as the file spells them.
  var pieces = PieceList()
  /// The kind of each piece.
  var kinds: [TokenKind] = []
  /// The score of each piece; empty if the file has no scores.
  var scores: [Float] = []
  /// Finds a piece by its spelling.
  var spellings: PieceTable
  /// The tokens with a role.
  var roles = SpecialRoles()
  /// Values of the file that were not used, and why, one sentence each.
  var setAside: [String] = []

  /// A vocabulary of `all` pieces with as many kinds and, unless there are none, scores; `key` names them in errors.
  ///
  /// An empty piece cannot be found by its spelling. Two pieces with one spelling are an error, unless the format says
  /// that the last counts.
  init(
    _ all: [[UInt8]], kinds: [TokenKind], scores: [Float], key: String, lastCounts: Bool = false
  ) throws(TokenizerError) {
    try Self.check(all, key)
    spellings = PieceTable(capacity: all.count)
    pieces.reserve(all.count, byteCount: all.reduce(0) { $0 + $1.count })
    for (index, piece) in all.enumerated() {
      pieces.append(piece)
      if !piece.isEmpty, !lastCounts, let first = spellings.insert(piece, index) {
        throw .invalid(key: key, index: index, reason: "is the same as piece \(first)")
      }
    }
    if lastCounts {
      for (index, piece) in all.enumerated().reversed() where !piece.isEmpty {
        _ = spellings.insert(piece, index)
      }
    }
    self.kinds = kinds
    self.scores = scores
  }

  private static func check(_ pieces: [[UInt8]], _ key: String) throws(TokenizerError) {
    guard !pieces.isEmpty else { throw .invalid(key: key, index: nil, reason: "is empty") }
    guard pieces.count <= Limits.vocabularySize else {
      throw .limit(name: "vocabularySize", found: pieces.count, maximum: Limits.vocabularySize)
    }
    var total = 0
    for (index, piece) in pieces.enumerated() {
      guard piece.count <= Limits.pieceBytes else {
        throw .invalid(
          key: key, index: index,
          reason: "has \(piece.count) bytes; at most \(Limits.pieceBytes) (pieceBytes) is allowed")
      }
      total += piece.count
    }
    guard total <= Limits.vocabularyBytes else {
      throw .limit(name: "vocabularyBytes", found: total, maximum: Limits.vocabularyBytes)
    }
  }

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

/// The tokens of a vocabulary that have a role, and whether the model expects them around a text.
struct SpecialRoles: Sendable {
  var beginningOfSequence: TokenID?
  var endOfSequence: TokenID?
  var unknown: TokenID?
  var padding: TokenID?
  var endOfGeneration: Set<TokenID> = []
  var addsBeginningOfSequence = false
  var addsEndOfSequence = false
}
