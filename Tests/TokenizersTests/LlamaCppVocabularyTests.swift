import Testing
import Tokens

@testable import Tokenizers

/// llama.cpp's own cases (`models/ggml-vocab-*.gguf.inp` and `.out`).
struct LlamaCppVocabularyTests {
  static let names = ["gpt-2", "llama-bpe", "llama-spm"]

  /// Texts and the ids that the reference gives them.
  static func cases(_ name: String) throws -> [(text: [UInt8], ids: [Int32])] {
    let input = String(decoding: try Fixtures.bytes("vocab/ggml-vocab-\(name).gguf.inp"), as: UTF8.self)
    let output = String(decoding: try Fixtures.bytes("vocab/ggml-vocab-\(name).gguf.out"), as: UTF8.self)
    var texts: [[UInt8]] = [[]]
    for line in input.utf8.split(separator: 10, omittingEmptySubsequences: false) {
      if line.elementsEqual("__ggml_vocab_test__".utf8) {
        texts[texts.count - 1].removeLast(texts[texts.count - 1].isEmpty ? 0 : 1)
        texts.append([])
      } else {
        texts[texts.count - 1] += Array(line) + [10]
      }
    }
    let rows = output.utf8.split(separator: 10, omittingEmptySubsequences: false)
    return zip(texts.dropLast(), rows).map { text, row in
      (text, row.split(separator: 32).compactMap { Int32(String(decoding: $0, as: UTF8.self)) })
    }
  }

  @Test("every case of the reference gives the same ids", arguments: names)
  func sameIDs(name: String) throws {
    let tokenizer = try Fixtures.vocabulary(name)
    let cases = try Self.cases(name)
    #expect(cases.count >= 45)
    for (text, ids) in cases {
      #expect(
        try tokenizer.encode(text).map(\.id.rawValue) == ids, "\(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test("every case decodes to its text and its ranges cover the text", arguments: names)
  func roundTrip(name: String) throws {
    let tokenizer = try Fixtures.vocabulary(name)
    for (text, _) in try Self.cases(name) {
      let tokens = try tokenizer.encode(text)
      #expect(tokenizer.decode(tokens.map(\.id)) == text)
      #expect(tokens.reduce(0) { $1.range.lowerBound == $0 ? $1.range.upperBound : -1 } == text.count)
    }
  }
}
