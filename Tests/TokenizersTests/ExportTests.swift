import JSON
import ModelFormats
import Testing
import Tokens

@testable import Tokenizers

@Suite("Export for transformers")
struct ExportTests {
  /// The packed vocabularies with the names that `Fixtures.vocabulary` gives them.
  static let files = [
    "gpt-2": "ggml-vocab-gpt-2", "llama-bpe": "ggml-vocab-llama-bpe", "llama-spm": "ggml-vocab-llama-spm",
    "mistral": "mistral-v1", "smollm2": "smollm2",
  ]

  private func export(_ name: String) throws -> TokenizerExport {
    try TokenizerExport(try Fixtures.metadata("vocab/\(try #require(Self.files[name])).gguf.xz"))
  }

  @Test(
    "the exported file gives the same ids for a thousand texts in ten scripts", arguments: files.keys.sorted()
  )
  func sameIDs(name: String) throws {
    let own = try Fixtures.vocabulary(name)
    let exported = try TokenizerFile.make(from: try export(name).tokenizer)
    #expect(exported.vocabularySize == own.vocabularySize)
    #expect(exported.prefix == own.prefix && exported.suffix == own.suffix)
    var different = 0
    for text in try Fixtures.corpus.get() {
      let (expected, found) = (try own.encode(text, special: .all), try exported.encode(text, special: .all))
      guard expected.map(\.id) != found.map(\.id) else { continue }
      different += 1
      Issue.record("\(String(decoding: text, as: UTF8.self).debugDescription)")
      guard different < 5 else { break }
    }
    #expect(different == 0)
  }

  @Test("special tokens, the end of a turn and chat templates come along")
  func config() throws {
    var metadata = try Fixtures.metadata("vocab/smollm2.gguf.xz")
    metadata.set("tokenizer.chat_template", .string(Array("{{ \"<&>\n\" }}".utf8)))
    metadata.set("tokenizer.ggml.add_bos_token", .bool(true))
    metadata.set("general.architecture", .string(Array("llama".utf8)))
    metadata.set("llama.context_length", .uint(2048))
    let root = try JSONDocument.read(TokenizerExport(metadata).config, name: "config").root
    #expect(root["chat_template"]?.string == "{{ \"<&>\n\" }}")
    #expect(root["add_bos_token"]?.bool == true)
    #expect(root["model_max_length"]?.sourceText == "2048")
    metadata.set("tokenizer.chat_template.tools", .string(Array("t".utf8)))
    let named = try JSONDocument.read(TokenizerExport(metadata).config, name: "config").root
    let names = named["chat_template"]?.elements?.map { $0["name"]?.string }
    #expect(names == ["default", "tools"])
  }

  @Test("what cannot be written is refused by its name")
  func refusals() throws {
    var metadata = try Fixtures.metadata("vocab/mistral-v1.gguf.xz")
    metadata.set("tokenizer.ggml.remove_extra_whitespaces", .bool(true))
    #expect(throws: TokenizerError.self) { _ = try TokenizerExport(metadata) }
    metadata.set("tokenizer.ggml.model", .string(Array("bert".utf8)))
    let error = TokenizerError.unsupported(
      what: "the export of tokenizer.ggml.model", name: "bert", known: ["gpt2", "llama"])
    #expect(throws: error) { _ = try TokenizerExport(metadata) }
    metadata.remove("tokenizer.ggml.model")
    #expect(throws: TokenizerError.missing(key: "tokenizer.ggml.model")) { _ = try TokenizerExport(metadata) }
    var bytePair = try Fixtures.metadata("vocab/smollm2.gguf.xz")
    for rule in ["superbpe", "gemma4", "afmoe"] {
      bytePair.set("tokenizer.ggml.pre", .string(Array(rule.utf8)))
      let error = TokenizerError.unsupported(what: "the export of tokenizer.ggml.pre", name: rule, known: [])
      #expect(throws: error) { _ = try TokenizerExport(bytePair) }
    }
  }
}
