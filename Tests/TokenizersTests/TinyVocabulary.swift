import ModelFormats

@testable import Tokenizers

/// Metadata of small vocabularies that tests put together and break.
struct TinyVocabulary {
  var pieces: [String]
  var types: [Int64]
  var merges: [String]

  /// The 256 bytes, then `specials` with their types, then `words` that `merges` make.
  init(specials: [(String, Int64)] = [], words: [String] = [], merges: [String] = []) {
    let bytes = (0...255).map { String(decoding: ByteAlphabet.spelling(of: [UInt8($0)]), as: UTF8.self) }
    pieces = bytes + specials.map(\.0) + words
    types = Array(repeating: 1, count: 256) + specials.map(\.1) + Array(repeating: 1, count: words.count)
    self.merges = merges
  }

  /// The values of a byte-level vocabulary; `changed` replaces or, with nil, removes some.
  func values(_ changed: [String: MetadataValue?] = [:]) -> Metadata {
    var values: [String: MetadataValue] = [
      "tokenizer.ggml.model": .string(Array("gpt2".utf8)),
      "tokenizer.ggml.pre": .string(Array("gpt-2".utf8)),
      "tokenizer.ggml.tokens": .strings(pieces.map { Array($0.utf8) }),
      "tokenizer.ggml.token_type": .ints(types),
      "tokenizer.ggml.merges": .strings(merges.map { Array($0.utf8) }),
    ]
    for (key, value) in changed { values[key] = value }
    var metadata = Metadata()
    for (key, value) in values { metadata.add(key, value) }
    return metadata
  }

  /// The tokenizer.
  func bytePair() throws -> any Tokenizer {
    try TokenizerFactory.make(from: values())
  }

  /// The values of a SentencePiece vocabulary of the given pieces, types and scores.
  static func sentencePiece(
    _ pieces: [(String, Int64, Float)], _ changed: [String: MetadataValue?] = [:]
  ) -> Metadata {
    var values: [String: MetadataValue] = [
      "tokenizer.ggml.model": .string(Array("llama".utf8)),
      "tokenizer.ggml.tokens": .strings(pieces.map { Array($0.0.utf8) }),
      "tokenizer.ggml.token_type": .ints(pieces.map(\.1)),
      "tokenizer.ggml.scores": .floats(pieces.map(\.2)),
    ]
    for (key, value) in changed { values[key] = value }
    var metadata = Metadata()
    for (key, value) in values { metadata.add(key, value) }
    return metadata
  }
}
