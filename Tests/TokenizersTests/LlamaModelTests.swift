import JSON
import Testing
import Tokens

@testable import Tokenizers

/// Folders with a `tokenizer.model` alone, against transformers 4.57.
@Suite("Llama's tokenizer.model beside a configuration")
struct LlamaModelTests {
  private static func file(_ name: String) throws -> [UInt8] {
    try FileBytes.read(Fixtures.folder + "/llama/" + name)
  }

  private static func open(_ config: String, others: [String: String] = [:]) throws -> any Tokenizer {
    var files = others.mapValues { Array($0.utf8) }
    files["tokenizer.model"] = try file("tokenizer.model")
    files["tokenizer_config.json"] = Array(config.utf8)
    return try TokenizerFolderTests.withFolder(files) { try TokenizerFile.open(path: $0) }
  }

  @Test("Texts and special tokens become the ids of transformers, with either kind of prefix") func ids()
    throws
  {
    let reference = try JSONDocument(try Self.file("reference.json")).root
    var count = 0
    for one in try #require(reference.elements) {
      let tokenizer = try Self.open(try #require(one["config"]?.string))
      #expect(
        tokenizer.vocabularySize == one["size"]?.int && tokenizer.endOfSequence?.index == one["eos"]?.int)
      #expect(tokenizer.endOfGeneration.contains(400) && tokenizer.beginningOfSequence == 1)
      for example in try #require(one["cases"]?.elements) {
        let text = try #require(example["text"]?.string)
        let expected = try #require(example["ids"]?.elements).compactMap(\.int)
        let found = tokenizer.prefix + (try tokenizer.encode(text, special: .all).map(\.id))
        #expect(found.map(\.index) == expected, "\(text)")
        count += 1
      }
    }
    #expect(count == 38)
  }

  @Test("Tokens of added_tokens.json follow the pieces; special_tokens_map.json says which are special")
  func older() throws {
    let tokenizer = try Self.open(
      "{}",
      others: [
        "added_tokens.json": #"{"<|im_start|>":401,"<|im_end|>":400}"#,
        "special_tokens_map.json": #"{"eos_token":"<|im_end|>"}"#,
      ])
    #expect(tokenizer.vocabularySize == 402 && tokenizer.endOfSequence == 400)
    #expect(tokenizer.kind(of: 400) == .control && tokenizer.kind(of: 401) == .userDefined)
    #expect(tokenizer.addsBeginningOfSequence && !tokenizer.addsEndOfSequence)
  }

  @Test(
    "An added token in the place of another piece, or behind a gap, is refused",
    arguments: [
      (3, "is 'x', but tokenizer.model has"), (500, "leaves a gap"), (4_000_000_000, "leaves a gap"),
    ])
  func places(id: Int, reason: String) {
    #expect {
      _ = try Self.open(#"{"added_tokens_decoder":{"\#(id)":{"content":"x"}}}"#)
    } throws: { error in
      if case .invalid("added_tokens_decoder", id, let found)? = error as? TokenizerError {
        return found.contains(reason)
      }
      return false
    }
  }
}
