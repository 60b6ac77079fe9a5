import Testing
import Tokens

@testable import Tokenizers

/// A thousand texts in ten scripts against the reference implementations (`Fixtures/make_vocabularies.py`).
struct ReferenceCorpusTests {
  /// Expects the ids of `file` for every text of the corpus.
  func compare(_ tokenizer: any Tokenizer, _ file: String, special: SpecialParsing) throws {
    let texts = try Fixtures.corpus.get()
    let expected = try Fixtures.ids(file)
    #expect(texts.count == 1000)
    #expect(expected.count == texts.count)
    var different = 0
    for (text, ids) in zip(texts, expected) {
      let found = try tokenizer.encode(text, special: special).map(\.id.rawValue)
      guard found != ids else { continue }
      different += 1
      if different <= 5 {
        Issue.record("\(String(decoding: text, as: UTF8.self).debugDescription): \(found), not \(ids)")
      }
    }
    #expect(different == 0)
  }

  @Test("Mistral's vocabulary gives sentencepiece's ids")
  func mistral() throws {
    try compare(Fixtures.mistral.get(), "mistral-v1.ids.xz", special: .none)
  }

  @Test("SmolLM2's vocabulary gives Hugging Face's ids")
  func smolLM2() throws {
    try compare(Fixtures.smolLM2.get(), "smollm2.ids.xz", special: .none)
  }

  @Test("SmolLM2's vocabulary gives Hugging Face's ids with special tokens")
  func smolLM2Special() throws {
    try compare(Fixtures.smolLM2.get(), "smollm2-special.ids.xz", special: .all)
  }

  @Test(
    "every text decodes to itself and its ranges cover it",
    arguments: ["gpt-2", "llama-bpe", "llama-spm", "mistral", "smollm2"])
  func roundTrip(name: String) throws {
    let tokenizer = try Fixtures.vocabulary(name)
    let missing = (UInt8.min...UInt8.max).filter {
      tokenizer.token(for: ByteAlphabet.spelling(of: [$0])) == nil
    }
    for text in try Fixtures.corpus.get().prefix(Effort.scaled(1_000, debug: 250)) {
      let tokens = try tokenizer.encode(text)
      if name == "smollm2", text.contains(where: { missing.contains($0) }) { continue }
      if tokenizer.dropsLeadingSpace, String(decoding: text, as: UTF8.self).contains("\u{2581}") { continue }
      #expect(tokenizer.decode(tokens.map(\.id)) == text)
      #expect(tokens.reduce(0) { $1.range.lowerBound == $0 ? $1.range.upperBound : -1 } == text.count)
    }
  }
}
