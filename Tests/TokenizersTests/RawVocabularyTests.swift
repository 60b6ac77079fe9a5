import ModelFormats
import Testing
import Tokens

@testable import Tokenizers

/// GGUF vocabularies of raw characters, merges and byte tokens ("gemma4" and its kin).
struct RawVocabularyTests {
  /// A small one; `changed` replaces or, with nil, removes values.
  static func metadata(_ changed: [String: MetadataValue?] = [:]) -> Metadata {
    let bytes = (0...255).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
    }
    let pieces = ["<pad>", "<bos>", "<unk>", "a", "b", "▁", "ab", "▁a", "<turn>"] + bytes
    let types: [Int64] = [3, 3, 2, 1, 1, 1, 1, 1, 4] + bytes.map { _ in 6 }
    var values: [String: MetadataValue] = [
      "tokenizer.ggml.model": .string(Array("gemma4".utf8)),
      "tokenizer.ggml.tokens": .strings(pieces.map { Array($0.utf8) }),
      "tokenizer.ggml.token_type": .ints(types),
      "tokenizer.ggml.merges": .strings(["a b", "▁ a"].map { Array($0.utf8) }),
      "tokenizer.ggml.bos_token_id": .int(1),
      "tokenizer.ggml.unknown_token_id": .int(2),
      "tokenizer.ggml.add_bos_token": .bool(true),
    ]
    for (key, value) in changed { values[key] = value }
    var metadata = Metadata()
    for (key, value) in values { metadata.add(key, value) }
    return metadata
  }

  @Test("spaces are marks, characters without a piece are their bytes, and it all comes back")
  func encode() throws {
    let tokenizer = try TokenizerFactory.make(from: Self.metadata())
    let text = "ab a é<turn>\n"
    // The byte tokens begin at 9.
    let expected: [TokenID] = [1, 6, 7, 5, 204, 178, 8, 19]
    #expect(try tokenizer.ids(of: text) == expected)
    #expect(tokenizer.text(of: try tokenizer.ids(of: text)) == text)
  }

  @Test("the other names with this spelling of text are known")
  func names() throws {
    for name in PipelineFile.rawRules {
      let changed: [String: MetadataValue?] = [
        "tokenizer.ggml.model": .string(Array("gpt2".utf8)), "tokenizer.ggml.pre": .string(Array(name.utf8)),
      ]
      let tokenizer = try TokenizerFactory.make(from: Self.metadata(changed))
      let expected: [TokenID] = name == "whitespace" ? [1, 6, 3] : [1, 6, 7]
      #expect(try tokenizer.ids(of: "ab a") == expected, "\(name)")
    }
  }

  @Test("a merge of pieces that are not there is refused by its number")
  func merges() {
    let changed: [String: MetadataValue?] = [
      "tokenizer.ggml.merges": .strings([Array("a b".utf8), Array("a c".utf8)])
    ]
    #expect {
      _ = try TokenizerFactory.make(from: Self.metadata(changed))
    } throws: { error in
      if case .invalid("tokenizer.ggml.merges", 1, _)? = error as? TokenizerError { true } else { false }
    }
  }
}
