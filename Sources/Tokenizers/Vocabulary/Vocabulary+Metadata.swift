import ModelFormats
import Tokens

extension Vocabulary {
  /// Reads `tokenizer.ggml.tokens`, `.token_type` and `.scores`.
  ///
  /// Without types in the file, all pieces are normal; types and scores beyond the last piece are left out. An empty piece cannot be found by its spelling; two pieces with
  /// one spelling are an error.
  init(_ metadata: Metadata) throws(TokenizerError) {
    let all = try Self.readPieces(metadata)
    try self.init(all, kinds: [], scores: [], key: MetadataKey.tokens)
    kinds = try Self.readKinds(metadata, count: all.count)
    scores = try Self.readScores(metadata, count: all.count)
  }

  private static func readPieces(_ metadata: Metadata) throws(TokenizerError) -> [[UInt8]] {
    let key = MetadataKey.tokens
    guard let value = metadata[key] else { throw .missing(key: key) }
    guard case .strings(let pieces) = value else {
      throw .wrongType(key: key, expected: "an array of strings")
    }
    return pieces
  }

  private static func readKinds(_ metadata: Metadata, count: Int) throws(TokenizerError) -> [TokenKind] {
    let key = MetadataKey.types
    guard let value = metadata[key] else { return [TokenKind](repeating: .normal, count: count) }
    guard case .ints(let numbers) = value else {
      throw .wrongType(key: key, expected: "an array of integers")
    }
    guard numbers.count >= count else { throw .wrongCount(key: key, found: numbers.count, expected: count) }
    // 0 is "undefined" in files of old converters; it and numbers without a meaning stand for a normal piece.
    return numbers.prefix(count).map { Int(exactly: $0).flatMap(TokenKind.init) ?? .normal }
  }

  private static func readScores(_ metadata: Metadata, count: Int) throws(TokenizerError) -> [Float] {
    let key = MetadataKey.scores
    guard let value = metadata[key] else { return [] }
    let scores: [Float]
    switch value {
    case .floats(let floats): scores = floats
    case .ints(let integers): scores = integers.map { Float($0) }
    default: throw .wrongType(key: key, expected: "an array of floats")
    }
    guard scores.count >= count else { throw .wrongCount(key: key, found: scores.count, expected: count) }
    if let index = scores.firstIndex(where: \.isNaN) {
      throw .invalid(key: key, index: index, reason: "is not a number")
    }
    return Array(scores.prefix(count))
  }

  /// Gives every piece the score 0 if the file has no scores.
  mutating func fillScores() {
    if scores.isEmpty { scores = [Float](repeating: 0, count: count) }
  }
}

extension Metadata {
  /// `tokenizer.ggml.merges`: the pairs of byte-pair encoding, each two pieces with a space between, by rank.
  func merges() throws(TokenizerError) -> [[UInt8]] {
    let key = MetadataKey.merges
    guard let value = self[key] else { throw .missing(key: key) }
    guard case .strings(let merges) = value else {
      throw .wrongType(key: key, expected: "an array of strings")
    }
    guard merges.count <= Limits.merges else {
      throw .limit(name: "merges", found: merges.count, maximum: Limits.merges)
    }
    let bytes = merges.reduce(0) { $0 + $1.count }
    guard bytes <= Limits.vocabularyBytes else {
      throw .limit(name: "vocabularyBytes", found: bytes, maximum: Limits.vocabularyBytes)
    }
    return merges
  }
}

/// The metadata keys of a vocabulary, as GGUF has them.
enum MetadataKey {
  static let model = "tokenizer.ggml.model"
  static let pre = "tokenizer.ggml.pre"
  static let tokens = "tokenizer.ggml.tokens"
  static let types = "tokenizer.ggml.token_type"
  static let scores = "tokenizer.ggml.scores"
  static let merges = "tokenizer.ggml.merges"
  static let addSpacePrefix = "tokenizer.ggml.add_space_prefix"
  static let removeExtraWhitespaces = "tokenizer.ggml.remove_extra_whitespaces"
  static let lowercase = "tokenizer.ggml.normalizer.lowercase"
  static let stripAccents = "tokenizer.ggml.normalizer.strip_accents"
  static let addBeginning = "tokenizer.ggml.add_bos_token"
  static let addEnd = "tokenizer.ggml.add_eos_token"
  static let beginning = "tokenizer.ggml.bos_token_id"
  static let end = "tokenizer.ggml.eos_token_id"
  static let endOfTurn = "tokenizer.ggml.eot_token_id"
  static let endOfMessage = "tokenizer.ggml.eom_token_id"
  static let middlePadding = "tokenizer.ggml.fim_pad_token_id"
  static let middleRepository = "tokenizer.ggml.fim_rep_token_id"
  static let middleSeparator = "tokenizer.ggml.fim_sep_token_id"
  static let unknown = "tokenizer.ggml.unknown_token_id"
  static let charsmap = "tokenizer.ggml.precompiled_charsmap"
  static let padding = "tokenizer.ggml.padding_token_id"
  static let separator = "tokenizer.ggml.seperator_token_id"
}

extension Metadata {
  /// The boolean of `key`, or `fallback` if the key is missing; a value of another type is an error.
  func flag(_ key: String, default fallback: Bool) throws(TokenizerError) -> Bool {
    guard let value = self[key] else { return fallback }
    guard case .bool(let flag) = value else { throw .wrongType(key: key, expected: "a boolean") }
    return flag
  }

  /// The name of `key`, nil if the key is missing; a value that is not UTF-8 text is an error.
  func name(_ key: String) throws(TokenizerError) -> String? {
    guard self[key] != nil else { return nil }
    guard let name = string(key) else { throw .wrongType(key: key, expected: "a string in UTF-8") }
    return name
  }
}
