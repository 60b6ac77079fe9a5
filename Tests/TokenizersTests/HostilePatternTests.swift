import Testing

@testable import Tokenizers

extension HostileComponentTests {
  @Test(
    "the length of an atomic group that does not fit 64 bits is no trap",
    arguments: [
      "(?>" + String(repeating: "((((((a{1024}){1024}){1024}){1024}){1024}){1024})", count: 16) + ")",
      "(?>(?:((((((a{1024}){1024}){1024}){1024}){1024}){1024})){16})",
      "(?>" + String(repeating: "((((((((a{1024}){1024}){1024}){1024}){1024}){1024}){1024}){1024})", count: 3)
        + "|b)",
    ])
  func atomicLength(pattern: String) {
    let json = Self.file(Self.pre(Self.split(pattern)))
    #expect(Self.limit(json, "aab") != nil)
  }

  @Test("an atomic group with thousands of alternatives is refused at once")
  func atomicAlternatives() {
    let alternatives = (0..<3_000).map { index in
      let scalar = String(Unicode.Scalar(0x4E00 + UInt32(index)) ?? "x")
      return index % 2 == 0 ? scalar : scalar + "b"
    }
    let json = Self.file(
      Self.pre(Self.split("(?>" + alternatives.joined(separator: "|") + "c?)")))
    #expect(Self.limit(json, "aab") != nil)
  }

  @Test("what a search remembers grows with the pattern, not with the text")
  func memory() throws {
    // From every place the search looks 1,000 places ahead in vain, each time in other states.
    let automaton = try SplitAutomaton("(?:a{500}){2}b|a", dialect: .oniguruma)
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: 6_000)
    try text.withUnsafeBufferPointer { buffer in
      let base = try #require(buffer.baseAddress)
      var scanner = MatchScanner(automaton, base, 0..<buffer.count)
      var (count, most) = (0, 0)
      while try scanner.next() != nil {
        count += 1
        most = max(most, scanner.rememberedCount)
      }
      #expect(count == text.count && most < 150_000)
      var small = MatchScanner(automaton, base, 0..<buffer.count, limit: 1_000)
      let limit = Self.limit { () throws(TokenizerError) in while try small.next() != nil {} }
      #expect(limit == "rememberedSearches")
    }
  }
}
