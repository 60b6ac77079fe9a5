import Testing

@testable import Tokenizers

/// The rules against Hugging Face's engine (`Fixtures/make_splits.py`), and the limits of the patterns.
struct SplittingRuleTests {
  /// The byte counts of the pieces of `text`.
  static func pieces(_ splitter: Splitter, _ text: [UInt8]) throws -> [Int] {
    var counts: [Int] = []
    try text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      try splitter.forEachPiece(base, 0..<buffer.count) { (piece) throws(TokenizerError) in
        counts.append(piece.count)
      }
    }
    return counts
  }

  @Test("each rule cuts the corpus as the reference engine does")
  func reference() throws {
    let corpus = try Fixtures.corpus.get()
    var splitter: Splitter?
    var rule = ""
    var index = 0
    var rules = 0
    let lines = try Fixtures.unpacked("splits.txt.xz").split(separator: 10, omittingEmptySubsequences: false)
    for line in lines.dropLast() {
      if let first = line.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
        rule = String(decoding: line, as: UTF8.self)
        splitter = try SplittingRule.named(rule).makeSplitter()
        index = 0
        rules += 1
        continue
      }
      let expected = line.split(separator: 32).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
      let text = corpus[index]
      index += 1
      let found = try Self.pieces(try #require(splitter), text)
      #expect(found == expected, "\(rule): \(String(decoding: text, as: UTF8.self).debugDescription)")
    }
    #expect(rules == 26)
  }

  @Test("every name in the table compiles")
  func everyRuleCompiles() throws {
    for entry in SplittingRules.all {
      let splitter = try SplittingRule.named(entry.names[0]).makeSplitter()
      let text = Array("Hi, 12345 you\n\n  東京!".utf8)
      #expect(try Self.pieces(splitter, text).reduce(0, +) == text.count)
    }
    let names = SplittingRules.all.flatMap(\.names)
    #expect(PipelineFile.rawRules.isDisjoint(with: names))
    #expect(Set(names).count == names.count)
    #expect(SplittingRules.ignoringMerges.union(SplittingRules.addingBeginning).isSubset(of: names))
  }

  @Test("an unknown name is an error that lists the known ones")
  func unknownName() {
    #expect {
      try SplittingRule.named("llama-9")
    } throws: { error in
      guard case TokenizerError.unknownName(let key, let name, let known) = error else { return false }
      return key == "tokenizer.ggml.pre" && name == "llama-9" && known.contains("llama-bpe")
    }
  }

  @Test(
    "patterns that are wrong, unsupported or too large are errors",
    arguments: [
      "(", ")", "[", "[a", "*", "a{2,1}", "a{1025}", "\\p{Klingon}", "\\p", "\\u12", "\\x{110000}", "\\1",
      "(a)\\1", "(?<n>a)\\k<n>", "\\G", "a\\Kb", "\\X", "(?~a)", "(?(1)a)", "(?>a+b?a)c", "[z-a]",
      "[[:nope:]]",
      "(?=ab)(?=cd)(?=ef)(?=gh)(?=ij)(?=kl)(?=mn)", "(((a{1024}){1024}){1024})",
      "((((){1024}){1024}){1024}){1024}", "a{",
      "(?", "\\",
      String(repeating: "(", count: 10_000), String(repeating: "[", count: 10_000), "[[]]{1000}{1000}",
      "a{9999999999999999999}", "a" + String(repeating: "+", count: 200),
    ])
  func refusedPatterns(pattern: String) {
    #expect(throws: TokenizerError.self) { try SplitAutomaton(pattern) }
  }

  @Test("patterns that make other engines run for ever are done at once")
  func catastrophicPatterns() throws {
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000) + [UInt8(ascii: "!")]
    for pattern in ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)*x"] {
      let splitter = Splitter(passes: [.pattern(try SplitAutomaton("\(pattern)|a+|!"))])
      #expect(try Self.pieces(splitter, text) == [100_000, 1], "\(pattern)")
    }
  }

  @Test("alternatives are preferred in order and repetitions are greedy or lazy")
  func preference() throws {
    func cut(_ pattern: String, _ text: String) throws -> [Int] {
      try Self.pieces(Splitter(passes: [.pattern(try SplitAutomaton(pattern))]), Array(text.utf8))
    }
    #expect(try cut("a|ab", "abab") == [1, 1, 1, 1])
    #expect(try cut("ab|a", "abab") == [2, 2])
    #expect(try cut("a{2,3}", "aaaaa") == [3, 2])
    #expect(try cut("a{2,3}?", "aaaaa") == [2, 2, 1])
    #expect(try cut("a+?b", "aaab") == [4])
    #expect(try cut("x", "abxcd") == [2, 1, 2])
    #expect(try cut("(?i:k)", "kK\u{212A}") == [1, 1, 3])
  }
}
