import Testing
import Tokens

@testable import Tokenizers

/// Control and user-defined tokens in a text, the roles of tokens, the ends of generation.
struct SpecialTokenTests {
  @Test("a control token is recognised only where it was asked for")
  func parsing() throws {
    let tokenizer = try Fixtures.vocabulary("llama-bpe")
    let text = "<|eot_id|>a<|eot_id|>"
    let end = try #require(tokenizer.token(for: Array("<|eot_id|>".utf8)))
    #expect(try tokenizer.encode(text).map(\.id).contains(end) == false)
    let all = try tokenizer.encode(text, special: .all)
    #expect(all.map(\.range) == [0..<10, 10..<11, 11..<21])
    #expect(all.map(\.id) == [end, all[1].id, end])
    let second = try tokenizer.encode(text, special: .within([11..<21, 3..<5]))
    #expect(second.last?.id == end && second.count { $0.id == end } == 1)
    let cut = try tokenizer.encode(text, special: .within([0..<9, 1..<10, 12..<21]))
    #expect(cut.contains { $0.id == end } == false)
  }

  @Test("a range for special tokens outside the text is an error")
  func ranges() throws {
    let tokenizer = try Fixtures.vocabulary("gpt-2")
    for range in [-1..<2, 0..<4, 100..<200] {
      #expect(throws: TokenizerError.range(range, textBytes: 3)) {
        try tokenizer.encode("abc", special: .within([range]))
      }
    }
  }

  @Test("what follows a special token begins like a text")
  func spacePrefix() throws {
    let tokenizer = try Fixtures.vocabulary("llama-spm")
    #expect(try tokenizer.encode("<s>Hello", special: .all).map(\.id) == [1, 15043])
    #expect(try tokenizer.encode("Hello</s>Hello", special: .all).map(\.id) == [15043, 2, 15043])
    #expect(try tokenizer.encode("</s>Hello", special: .all, continuesText: true).map(\.id) == [2, 15043])
  }

  @Test("the beginning of sequence is added when the model expects it, and never twice")
  func beginning() throws {
    let tokenizer = try Fixtures.vocabulary("llama-spm")
    #expect(tokenizer.addsBeginningOfSequence && !tokenizer.addsEndOfSequence)
    #expect(try tokenizer.ids(of: "Hello") == [1, 15043])
    #expect(try tokenizer.ids(of: "<s>Hello", special: .all) == [1, 15043])
    #expect(try tokenizer.ids(of: "") == [1])
  }

  @Test("roles and ends of generation are those of the model")
  func roles() throws {
    let small = try Fixtures.vocabulary("smollm2")
    #expect(small.name == "gpt2/smollm")
    #expect(small.vocabularySize == 49152)
    let names = small.endOfGeneration.map { String(decoding: small.piece($0), as: UTF8.self) }.sorted()
    #expect(names == ["<reponame>", "<|endoftext|>", "<|im_end|>"])
    #expect(small.kind(of: 1) == .control)
    let llama = try Fixtures.vocabulary("llama-spm")
    #expect(llama.name == "llama" && llama.endOfSequence == 2 && llama.unknown == 0)
    #expect(llama.endOfGeneration == [2])
    #expect(llama.kind(of: 3) == .byte && llama.bytes(of: 13) == [10])
    #expect(llama.bytes(of: 278) == Array(" the".utf8) && llama.piece(278) == Array("▁the".utf8))
    let llama3 = try Fixtures.vocabulary("llama-bpe")
    let ends = llama3.endOfGeneration.map { String(decoding: llama3.piece($0), as: UTF8.self) }
    #expect(Set(ends).isSuperset(of: ["<|eot_id|>", "<|end_of_text|>"]))
  }

  @Test("the longest of the leftmost special tokens wins, and user-defined ones are always found")
  func matching() throws {
    let tokenizer = try TinyVocabulary(specials: [("<a>", 3), ("<a><b>", 3), ("<b>x", 4), ("  ", 4)])
      .bytePair()
    func pieces(_ text: String, _ special: SpecialParsing) throws -> [String] {
      try tokenizer.encode(text, special: special).map {
        String(decoding: tokenizer.piece($0.id), as: UTF8.self)
      }
    }
    #expect(try pieces("<a><b>x", .all) == ["<a><b>", "x"])
    #expect(try pieces("<a><b>x", .none) == ["<", "a", ">", "<b>x"])
    #expect(try pieces("<a><b>x", .within([0..<3])) == ["<a>", "<b>x"])
    #expect(try pieces("a   b", .none) == ["a", "  ", "Ġ", "b"])
  }
}
