import ModelFormats
import Testing

@testable import Tokenizers

struct TokenizerComparisonTests {
  @Test("a tokenizer beside itself makes the same of every line, and lines are counted by script")
  func same() throws {
    let tokenizer = try Fixtures.vocabulary("gpt-2")
    var clock = 0.0
    let result = try TokenizerComparison(tokenizer, tokenizer, lines: ["Hello there", "Привет", "你好", "12"]) {
      clock += 1
      return clock
    }
    #expect(result.lines == 4)
    #expect(result.sameLines == 4)
    #expect(result.left == result.right)
    #expect(result.bytesByScript == ["Latin": 11, "Cyrillic": 12, "Han": 6, "other": 2])
    #expect(result.left.tokensByScript.values.reduce(0, +) == result.left.tokens)
    #expect(result.left.bytesPerSecond == Double(result.bytes) / 4)
    #expect(result.left.roundTripFailures == 0)
  }

  @Test("lines that do not come back are counted, and the first is kept")
  func failures() throws {
    let exact = try Fixtures.vocabulary("gpt-2")
    let lossy = try TokenizerFile.make(from: try Fixtures.unpacked("files/wp-uncased.json.xz"))
    let result = try TokenizerComparison(exact, lossy, lines: ["the", "The", "THE"])
    #expect(result.left.roundTripFailures == 0)
    #expect(result.right.roundTripFailures == 2)
    #expect(result.right.firstFailure == 1)
    #expect(result.right.firstFailureText == "the")
    #expect(result.left.bytesPerSecond == 0)
  }

  @Test("no lines are a comparison without figures")
  func nothing() throws {
    let tokenizer = try Fixtures.vocabulary("gpt-2")
    let result = try TokenizerComparison(tokenizer, tokenizer, lines: [])
    #expect(result.lines == 0 && result.sameLines == 0 && result.bytes == 0 && result.bytesByScript.isEmpty)
    #expect(
      result.left.bytesPerToken == 0 && result.left.bytesPerSecond == 0 && result.left.firstFailure == nil)
    #expect(result.left.vocabularySize == 50_257 && result.left.name == "gpt2/gpt-2")
  }

  @Test("a line that cannot be encoded is a refusal, and neither a failure nor the same")
  func refusals() throws {
    // Without an unknown token a word that is not in the vocabulary is refused.
    let model = #"{"type":"WordLevel","vocab":{"a":0,"aa":1},"unk_token":"?"}"#
    let small = try TokenizerFile.make(from: Array(#"{"added_tokens":[],"model":\#(model)}"#.utf8))
    let result = try TokenizerComparison(small, small, lines: ["a", "b", "aa"])
    #expect(result.left.refusals == 1 && result.sameLines == 2 && result.lines == 3)
    #expect(result.left.roundTripFailures == 0)
    #expect(result.left.bytesPerToken == Double(result.bytes) / Double(result.left.tokens))
  }

  @Test(
    "the script of a line is that of most of its letters",
    arguments: [
      ("", "other"), ("12 !?", "other"), ("abc", "Latin"), ("ab где", "Cyrillic"), ("漢字 かな カナ", "Kana"),
      ("漢字漢字かな", "Han"), ("한국어", "Hangul"), ("שלום", "Hebrew"), ("سلام", "Arabic"), ("हिन्दी", "Devanagari"),
      ("ภาษาไทย", "Thai"), ("αβγ a", "Greek"), ("aб", "Cyrillic"),
    ])
  func scripts(line: String, name: String) {
    #expect(ScriptName.of(line) == name)
  }
}
