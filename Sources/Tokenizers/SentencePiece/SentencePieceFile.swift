import Tokens

/// The fields of SentencePiece's `ModelProto`, the content of a `tokenizer.model`, that tokenizing needs.
///
/// Field numbers and defaults: sentencepiece_model.proto of SentencePiece 0.2.
struct SentencePieceFile: Sendable {
  /// How pieces are chosen.
  enum Kind: UInt64, Sendable {
    case unigram = 1
    case bytePair = 2
    case word = 3
    case character = 4
  }

  private(set) var pieces: [[UInt8]] = []
  private(set) var scores: [Float] = []
  private(set) var kinds: [TokenKind] = []
  private(set) var kind = Kind.unigram
  private(set) var treatsSpaceAsSuffix = false
  private(set) var fallsBackToBytes = false
  private(set) var unknownID: Int64 = 0
  private(set) var beginningID: Int64 = 1
  private(set) var endID: Int64 = 2
  private(set) var paddingID: Int64 = -1
  private(set) var charsmap: [UInt8] = []
  private(set) var addsDummyPrefix = true
  private(set) var removesExtraSpaces = true
  private(set) var escapesSpaces = true

  /// Reads the bytes of a file.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      guard case .bytes(let part) = field.value else { continue }
      let base = reader.offset - part.count
      switch field.number {
      case 1: try readPiece(ProtobufReader(part, base: base))
      case 2: try readTrainer(ProtobufReader(part, base: base))
      case 3: try readNormalizer(ProtobufReader(part, base: base))
      default: break
      }
    }
    guard !pieces.isEmpty else { throw reader.error("the vocabulary has no pieces") }
  }

  private mutating func readPiece(_ start: ProtobufReader) throws(TokenizerError) {
    var reader = start
    var piece: [UInt8] = []
    var score: Float = 0
    var kind = TokenKind.normal
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let part)): piece = Array(part)
      case (2, .fixed32(let bits)): score = Float(bitPattern: bits)
      case (3, .varint(let number)):
        guard let known = Int(exactly: number).flatMap(TokenKind.init) else {
          throw reader.error("piece \(pieces.count) has the type \(number); types range from 1 to 6")
        }
        kind = known
      default: break
      }
    }
    guard !score.isNaN else { throw reader.error("the score of piece \(pieces.count) is not a number") }
    guard pieces.count < Limits.vocabularySize else {
      throw .limit(name: "vocabularySize", found: pieces.count + 1, maximum: Limits.vocabularySize)
    }
    pieces.append(piece)
    scores.append(score)
    kinds.append(kind)
  }

  private mutating func readTrainer(_ start: ProtobufReader) throws(TokenizerError) {
    var reader = start
    while let field = try reader.next() {
      guard case .varint(let number) = field.value else { continue }
      switch field.number {
      case 3:
        guard let known = Kind(rawValue: number) else {
          throw reader.error("the model type is \(number); types range from 1 to 4")
        }
        kind = known
      case 24: treatsSpaceAsSuffix = number != 0
      case 35: fallsBackToBytes = number != 0
      case 40: unknownID = Int64(truncatingIfNeeded: number)
      case 41: beginningID = Int64(truncatingIfNeeded: number)
      case 42: endID = Int64(truncatingIfNeeded: number)
      case 43: paddingID = Int64(truncatingIfNeeded: number)
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ start: ProtobufReader) throws(TokenizerError) {
    var reader = start
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (2, .bytes(let part)): charsmap = Array(part)
      case (3, .varint(let number)): addsDummyPrefix = number != 0
      case (4, .varint(let number)): removesExtraSpaces = number != 0
      case (5, .varint(let number)): escapesSpaces = number != 0
      default: break
      }
    }
  }

  /// The pieces as a vocabulary with its roles.
  func vocabulary() throws(TokenizerError) -> Vocabulary {
    var vocabulary = try Vocabulary(pieces, kinds: kinds, scores: scores, key: "pieces")
    func role(_ id: Int64, _ kind: TokenKind) -> TokenID? {
      guard let index = Int(exactly: id), kinds.indices.contains(index), kinds[index] == kind else {
        return nil
      }
      return TokenID(index)
    }
    vocabulary.roles.unknown = role(unknownID, .unknown) ?? kinds.firstIndex(of: .unknown).map { TokenID($0) }
    vocabulary.roles.beginningOfSequence = role(beginningID, .control)
    vocabulary.roles.endOfSequence = role(endID, .control)
    vocabulary.roles.padding = role(paddingID, .control)
    vocabulary.roles.addsBeginningOfSequence = vocabulary.roles.beginningOfSequence != nil
    // T5 and similar models have no beginning of sequence and end every text.
    vocabulary.roles.addsEndOfSequence =
      vocabulary.roles.beginningOfSequence == nil && vocabulary.roles.endOfSequence != nil
    vocabulary.findEndOfGeneration()
    return vocabulary
  }
}
