import Testing

@testable import Tokenizers

/// Single patterns against the engine of Hugging Face's tokenizers (`Fixtures/record_cases.py`), and what is refused.
struct PatternCaseTests {
  static let recorded = Result { try Fixtures.cases("patterns") }

  /// The pieces that `pattern` cuts `text` into.
  static func pieces(
    _ pattern: String, _ text: String, _ dialect: PatternParser.Dialect = .oniguruma
  ) throws -> [String] {
    let splitter = Splitter(passes: [.pattern(try SplitAutomaton(pattern, dialect: dialect))])
    let bytes = Array(text.utf8)
    var start = 0
    return try SplittingRuleTests.pieces(splitter, bytes).map { count in
      defer { start += count }
      return String(decoding: bytes[start..<(start + count)], as: UTF8.self)
    }
  }

  @Test("each feature of a pattern cuts as the reference does")
  func features() throws {
    let cases = try Self.recorded.get()
    #expect(cases.count == 104)
    for fields in cases {
      try #require(fields.count == 3)
      let (pattern, text) = (fields[0], fields[1])
      if fields[2] == "refused" {
        #expect(throws: TokenizerError.self, "\(pattern)") { try Self.pieces(pattern, text) }
        continue
      }
      let expected = fields[2].isEmpty ? [] : fields[2].split(separator: "\u{1F}").map(String.init)
      #expect(try Self.pieces(pattern, text) == expected, "\(pattern) in \(text.debugDescription)")
    }
  }

  @Test(
    "a refused pattern says at which scalar and why",
    arguments: [
      ("a(b", 3, "missing )"), ("a)b", 1, "unbalanced )"), ("é[a", 3, "the pattern ends too early"),
      ("*", 1, "nothing to repeat"),
      ("a|+", 3, "nothing to repeat"), ("[b-a]", 4, "a range needs two characters in ascending order"),
      ("[a-\\d]", 5, "a range needs two characters in ascending order"),
      ("a{3,2}", 6, "the maximum is below the minimum"), ("\\p{Nope}", 8, "unknown property Nope"),
      ("[[:nope:]]", 9, "unknown class [:nope:]"), ("x\\1", 3, "the escape \\1 is not supported"),
      ("\\x{110000}", 10, "a character code is missing or above 10FFFF"),
      ("\\u12", 4, "a character code needs 4 digits"),
      ("(?y:a)", 2, "this kind of group is not supported"),
      ("(?<a-b>c)", 4, "this kind of group is not supported"),
      ("(?#a", 4, "missing )"), ("a\\", 2, "the pattern ends too early"),
      ("\\p", 2, "the escape \\p is not supported"),
    ])
  func errors(pattern: String, offset: Int, reason: String) {
    #expect(throws: TokenizerError.pattern(pattern, offset: offset, reason: reason)) {
      try PatternParser.parse(pattern, dialect: .oniguruma)
    }
  }

  @Test(
    "each limit of a pattern is named in the error",
    arguments: [
      (String(repeating: "a", count: Limits.patternScalars + 1), "patternScalars"),
      (String(repeating: "(", count: Limits.patternDepth + 1), "patternDepth"),
      (String(repeating: "[", count: Limits.patternDepth + 1), "patternDepth"),
      ("a" + String(repeating: "+", count: 2 * Limits.patternDepth + 2), "patternDepth"),
      ("a{1025}", "patternRepeat"), ("((a{1024}){1024})", "patternInstructions"),
      (
        (0..<65).map { "[\($0 % 2 == 0 ? "a" : "b")\\x{\(String(0x400 + $0, radix: 16))}]" }.joined(),
        "patternSets"
      ),
      ("(?=ab)(?=cd)(?=ef)(?=gh)(?=ij)(?=kl)(?=mn)", "patternLooks"),
    ])
  func limits(pattern: String, name: String) {
    #expect {
      try SplitAutomaton(pattern)
    } throws: { error in
      guard case .limit(let found, let count, let maximum)? = error as? TokenizerError else { return false }
      return found == name && count > maximum
    }
  }

  @Test("the two readings differ at line ends, in counts and in the flag s")
  func dialects() throws {
    #expect(try Self.pieces("^a", "a\na", .plain) == ["a", "\na"])
    #expect(try Self.pieces("^a", "a\na", .oniguruma) == ["a", "\n", "a"])
    #expect(try Self.pieces("a$", "a\na", .plain) == ["a\n", "a"])
    #expect(try Self.pieces("a$", "a\na", .oniguruma) == ["a", "\n", "a"])
    #expect(try Self.pieces("(?s).+", "a\nb", .plain) == ["a\nb"])
    #expect(throws: TokenizerError.self) { try Self.pieces("a{x}", "", .plain) }
  }

  @Test("an ill-formed byte is one scalar, which only a class with U+FFFD or without a limit takes")
  func illFormed() throws {
    let text: [UInt8] = [0x61, 0xFF, 0xE2, 0x96, 0x62]
    func counts(_ pattern: String) throws -> [Int] {
      try SplittingRuleTests.pieces(Splitter(passes: [.pattern(try SplitAutomaton(pattern))]), text)
    }
    #expect(try counts(".") == [1, 1, 1, 1, 1])
    #expect(try counts("[a-z]+") == [1, 3, 1])
    #expect(try counts("\\x{FFFD}+") == [1, 3, 1])
    #expect(try counts("\\w+") == [1, 3, 1])
  }

  @Test("matching stays inside the range that it is given")
  func range() throws {
    let text = Array("xxabcabyy".utf8)
    let splitter = Splitter(passes: [.pattern(try SplitAutomaton("^ab|b$|c(?=a)|(?<=x)a"))])
    var pieces: [Range<Int>] = []
    try text.withUnsafeBufferPointer { buffer in
      let base = try #require(buffer.baseAddress)
      try splitter.forEachPiece(base, 2..<7) { (piece) throws(TokenizerError) in pieces.append(piece) }
    }
    #expect(pieces == [2..<4, 4..<5, 5..<6, 6..<7])
  }

  @Test("each pass cuts what the passes before it left")
  func passes() throws {
    let passes: [Splitter.Pass] = try ["\\d+", "[a-z]", "3"].map { .pattern(try SplitAutomaton($0)) }
    let cut = { (text: String) in try SplittingRuleTests.pieces(Splitter(passes: passes), Array(text.utf8)) }
    #expect(try cut("ab1234,c") == [1, 1, 2, 1, 1, 1, 1])
    #expect(try cut("") == [])
    #expect(try SplittingRuleTests.pieces(Splitter(passes: []), Array("ab 1".utf8)) == [4])
  }

  @Test(
    "digits are cut in threes from the end of their run",
    arguments: [
      ("1234567", [1, 3, 3], [1, 3, 3], [1, 3, 3]), ("123", [3], [3], [3]),
      ("a1234b", [1, 1, 3, 1], [6], [2, 4]),
      ("a1234.", [1, 1, 3, 1], [1, 1, 3, 1], [2, 4]), ("ab", [2], [2], [2]), ("", [], [], []),
      ("12 3456", [2, 1, 1, 3], [2, 1, 1, 3], [4, 3]),
    ])
  func triples(text: String, cut: [Int], unlessWord: [Int], keep: [Int]) throws {
    let edges: [(DigitTriples.Edges, [Int])] = [(.cut, cut), (.cutUnlessWord, unlessWord), (.keep, keep)]
    for (edge, expected) in edges {
      let splitter = Splitter(passes: [.digitTriples(try DigitTriples(set: "\\p{N}", edges: edge))])
      #expect(try SplittingRuleTests.pieces(splitter, Array(text.utf8)) == expected, "\(edge)")
    }
  }
}
