import Glibc
import TestSupport
import Testing
import Tokens

@testable import Tokenizers

/// Changed files of every kind, with a fixed seed: each is refused, or gives tokens inside the text; none ends the process.
struct MutatedFileTests {
  private static let seed: UInt64 = 20_26
  private static let text = Array("Hello, wörld! 日本 <s>  12 ab\n".utf8)

  /// Opens mutations of `originals` and encodes and decodes with those that open.
  private func check(
    _ originals: [[UInt8]], pieces: [[UInt8]], usual: Int, _ open: ([UInt8]) throws -> any Tokenizer
  ) throws {
    for original in originals { #expect(throws: Never.self) { _ = try open(original) } }
    let mutator = TextMutator(originals, pieces: pieces, seed: Self.seed)
    let count = Mutations.count(usual)
    var opened = 0
    for index in 0..<count {
      do {
        let tokenizer = try open(mutator.mutation(index))
        opened += 1
        Self.use(tokenizer, "seed \(Self.seed) index \(index)")
      } catch let error as TokenizerError {
        #expect(!error.description.contains("\n"), "seed \(Self.seed) index \(index)")
      }
    }
    // Both outcomes must occur, or the changes do not reach what they should; most changes make lengths or syntax wrong.
    #expect(opened >= count / 100 && opened < count, "\(opened) of \(count) opened")
  }

  private static func use(_ tokenizer: any Tokenizer, _ comment: Comment) {
    guard let tokens = try? tokenizer.encode(text, special: .all) else { return }
    #expect(tokens.allSatisfy { (0..<tokenizer.vocabularySize).contains($0.id.index) }, comment)
    #expect(
      tokens.allSatisfy { $0.range.lowerBound >= 0 && $0.range.upperBound <= text.count }, comment)
    _ = tokenizer.text(of: tokens.map(\.id))
  }

  private static func bytes(_ pieces: String...) -> [[UInt8]] { pieces.map { Array($0.utf8) } }

  @Test("tokenizer.json", .timeLimit(.minutes(60)))
  func json() throws {
    let cases = Set(try PipelineCaseTests.recorded.get().map(\.json))
    let types = [
      "Sequence", "NFKC", "Replace", "Prepend", "Strip", "BertNormalizer", "ByteLevel", "Metaspace", "Split",
      "FixedLength", "Digits", "BPE", "Unigram", "WordPiece", "TemplateProcessing", "Fuse", "WordPiece",
      "CTC",
    ].map { Array("\"type\": \"\($0)\"".utf8) }
    let pieces = Self.bytes(
      "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "0", "-1", "1e308", "1.5",
      "9223372036854775807", "18446744073709551616", "\\ud800", "\\u0000", "\"id\": ", "\"content\": \"\"",
      "\"normalized\": true", "\"lstrip\": true", "\"rstrip\": true", "\"single_word\": true",
      "\"special\": true", "\"Regex\": \"(a|b)*?\"", "\"String\": \"\"", "\"pattern\": ",
      "\"pretokenizers\": [",
      "\"byte_fallback\": true", "\"ignore_merges\": true", "\"fuse_unk\": true", "\"unk_id\": 7", "é", "▁")
    try check(cases.sorted().map { Array($0.utf8) }, pieces: types + pieces, usual: 600) {
      try TokenizerFile.make(from: $0)
    }
  }

  @Test("tokenizer_config.json", .timeLimit(.minutes(60)))
  func config() throws {
    let originals = Self.bytes(
      #"{"bos_token":"<s>","eos_token":{"content":"</s>","lstrip":false},"add_bos_token":true,"#
        + #""tokenizer_class":"LlamaTokenizerFast","additional_special_tokens":["<x>"],"#
        + #""added_tokens_decoder":{"258":{"content":"<y>","special":true,"rstrip":true}}}"#)
    let pieces = Self.bytes(
      "{", "}", "[", "]", ",", "null", "\"\"", "\"pad_token\":", "\"unk_token\":", "-1", "\"-5\":", "1e99",
      "\"99999999999999999999\":", "\"content\":", "\"<s>\"", "\\u0000", "true")
    try TokenizerFolderTests.withFolder(["tokenizer.json": TokenizerFolderTests.json()]) { folder in
      let file = "\(folder)/tokenizer_config.json"
      defer { unlink(file) }
      try check(originals, pieces: pieces, usual: 200) { bytes in
        try Fixtures.write(bytes, to: file)
        return try TokenizerFile.open(path: folder)
      }
    }
  }

  @Test("tokenizer.model", .timeLimit(.minutes(60)))
  func sentencePiece() throws {
    let pieces: [[UInt8]] = [
      [0x0A], [0x12], [0x1A], [0x08], [0x15], [0x18, 2], [0x18, 3], [0x18, 4], [0x18, 6], [0x80], [0xFF],
      [0x01],
      [0x7F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x08],
      [0, 0, 0xC0, 0x7F], [0, 0, 0x80, 0x7F], [0, 0, 0x80, 0xFF], [0xE2, 0x96, 0x81], [0xC0, 0x02],
    ]
    let originals = [SmallSentencePiece.bytes(model: 1), SmallSentencePiece.bytes(model: 2)]
    try check(originals, pieces: pieces, usual: 600) { try TokenizerFile.make(from: $0) }
  }

  @Test(
    "GGUF vocabularies", .timeLimit(.minutes(60)), arguments: ["gpt2", "llama", "bert", "t5", "gemma4"])
  func gguf(model: String) throws {
    let pieces: [[UInt8]] = [
      [0], [1], [3], [0xFF], [4, 0, 0, 0], [9, 0, 0, 0, 8, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
      [UInt8](repeating: 0xFF, count: 8), [UInt8](repeating: 0, count: 8), [0, 0, 0xC0, 0x7F],
      [0xE2, 0x96, 0x81],
      [0x20], [1, 0, 0, 0, 0, 0, 0, 0, 0x20],
    ]
    let original = SmallGGUF.vocabulary(model)
    try TokenizerFolderTests.withFolder(["x.gguf": original]) { folder in
      try check([original], pieces: pieces, usual: 200) { bytes in
        try Fixtures.write(bytes, to: "\(folder)/x.gguf")
        return try TokenizerFile.open(path: "\(folder)/x.gguf")
      }
    }
  }
}

/// Writes a small `tokenizer.model` (sentencepiece_model.proto of SentencePiece 0.2).
enum SmallSentencePiece {
  /// A file whose `model_type` is `model`: 1 for unigram, 2 for byte pairs.
  static func bytes(model: UInt8) -> [UInt8] {
    var bytes = piece("<unk>", 2, 0) + piece("<s>", 3, 0) + piece("</s>", 3, 0) + piece("<0x0A>", 6, 0)
    bytes += piece("<user>", 4, 0) + piece("odd", 5, 0)
    let words = ["▁", "a", "b", "ab", "▁ab", "l", "o", "lo", "H", "e", "He", "▁He", "日", "ö", "1", "2"]
    for (rank, word) in words.enumerated() { bytes += piece(word, 1, -Float(rank)) }
    let trainer: [UInt8] = [0x18, model, 0x98, 0x02, 1, 0xC0, 0x02, 0, 0xC8, 0x02, 1, 0xD0, 0x02, 2]
    bytes += message(0x12, trainer)
    let normalizer = message(0x12, charsmap) + [0x18, 1, 0x20, 1, 0x28, 1]
    return bytes + message(0x1A, normalizer)
  }

  private static func piece(_ text: String, _ kind: UInt8, _ score: Float) -> [UInt8] {
    let bits = score.bitPattern
    return message(
      0x0A,
      message(0x0A, Array(text.utf8)) + [0x15]
        + (0..<4).map { UInt8(truncatingIfNeeded: bits >> UInt32($0 * 8)) }
        + [0x18, kind])
  }

  private static func message(_ tag: UInt8, _ body: [UInt8]) -> [UInt8] {
    var count = body.count
    var length: [UInt8] = []
    while count >= 0x80 {
      length.append(UInt8(truncatingIfNeeded: count) | 0x80)
      count >>= 7
    }
    return [tag] + length + [UInt8(count)] + body
  }

  /// A precompiled map with one rule: "A" becomes "ab".
  private static let charsmap: [UInt8] = {
    var units = [UInt32](repeating: 0, count: 256)
    units[0x41] = 0x41 | 0x100 | 0x80 << 10
    units[0x41 ^ 0x80] = 0x8000_0000
    var bytes: [UInt8] = []
    for word in [UInt32(units.count * 4)] + units {
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) }
    }
    return bytes + Array("ab".utf8) + [0]
  }()
}
