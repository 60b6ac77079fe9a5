import Testing

@testable import Tokenizers

struct TokenizerComparisonTests {
  @Test("a tokenizer beside itself makes the same of every line, and lines are counted by script")
  func same() throws {
    let tokenizer = try Fixtures.vocabulary("gpt-2")
    var clock = 0.0
    let result = TokenizerComparison(tokenizer, tokenizer, lines: ["Hello there", "Привет", "你好", "12"]) {
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
    let result = TokenizerComparison(exact, lossy, lines: ["the", "The", "THE"])
    #expect(result.left.roundTripFailures == 0)
    #expect(result.right.roundTripFailures == 2)
    #expect(result.right.firstFailure == 1)
    #expect(result.right.firstFailureText == "the")
    #expect(result.left.bytesPerSecond == 0)
  }
}
