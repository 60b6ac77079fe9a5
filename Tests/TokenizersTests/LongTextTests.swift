import Testing
import Tokens

@testable import Tokenizers

/// Texts that make careless tokenizers quadratic, and bytes that are not text.
///
/// A quadratic loop takes hours on these; the limits only end a test that hangs.
struct LongTextTests {
  @Test(
    "a million bytes without a space decode to themselves", .timeLimit(.minutes(60)),
    arguments: ["gpt-2", "llama-spm"], ["a", "ab", "1", "!", "\u{3042}", "\n", "  \n"])
  func longRuns(name: String, unit: String) throws {
    let tokenizer = try Fixtures.vocabulary(name)
    let count = Effort.scaled(1_000_000, debug: 10_000)
    let text = Array(String(repeating: unit, count: count / unit.utf8.count).utf8)
    let tokens = try tokenizer.encode(text)
    #expect(tokenizer.decode(tokens.map(\.id)) == text)
  }

  @Test("special tokens that almost match everywhere are not found", .timeLimit(.minutes(60)))
  func almostSpecial() throws {
    let long = String(repeating: "a", count: Limits.specialPieceBytes - 1)
    let tokenizer = try TinyVocabulary(specials: [(long + "b", 3), (long + "c", 4)]).bytePair()
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: Effort.scaled(1_000_000, debug: 1_000))
    let tokens = try tokenizer.encode(text, special: .all)
    #expect(tokens.count == text.count)
  }

  @Test("random bytes decode to themselves", arguments: ["gpt-2", "llama-bpe", "llama-spm", "mistral"])
  func randomBytes(name: String) throws {
    let tokenizer = try Fixtures.vocabulary(name)
    var random = SplitMix(seed: 3)
    let mark: [UInt8] = [0xE2, 0x96, 0x81]
    for _ in 0..<Effort.scaled(20_000, debug: 60) {
      let text = (0..<Int.random(in: 0..<60, using: &random)).map { _ -> UInt8 in
        Bool.random(using: &random)
          ? .random(in: 0...255, using: &random) : .random(in: 0x20...0x7E, using: &random)
      }
      if text.indices.contains(where: { text[$0...].starts(with: mark) }) { continue }
      let special: SpecialParsing = Bool.random(using: &random) ? .all : .none
      let tokens = try tokenizer.encode(text, special: special)
      #expect(tokenizer.decode(tokens.map(\.id), skipSpecial: false) == text)
      #expect(tokens.reduce(0) { $1.range.lowerBound == $0 ? $1.range.upperBound : -1 } == text.count)
    }
  }

  @Test("a queue and looking at all pairs merge alike")
  func longAndShort() throws {
    let tokenizer = try Fixtures.vocabulary("gpt-2")
    var random = SplitMix(seed: 5)
    for _ in 0..<Effort.scaled(2_000, debug: 40) {
      // A letter run of up to 80 is one piece on either side of the limit for short pieces.
      let word = String(
        (0..<Int.random(in: 1...80, using: &random)).map { _ in
          "abcdeinorst".randomElement(using: &random) ?? "a"
        })
      let whole = try tokenizer.encode(word).map(\.id)
      #expect(whole == Self.slowly(word, tokenizer))
    }
  }

  /// The merges as the paper has them: the best pair of all, everywhere, again and again.
  static func slowly(_ word: String, _ tokenizer: any Tokenizer) -> [TokenID] {
    guard let pairs = tokenizer as? BytePairTokenizer else { return [] }
    var ids = word.utf8.map { pairs.model.byteSymbols[Int($0)] }
    while true {
      let merges = zip(ids, ids.dropFirst()).map { pairs.model.merger.table.find($0, $1) }
      guard let best = merges.min(), best != MergeTable.none, let place = merges.firstIndex(of: best) else {
        break
      }
      ids.replaceSubrange(place...(place + 1), with: [UInt32(truncatingIfNeeded: best)])
    }
    return ids.map { TokenID(Int($0)) }
  }

  @Test("a text over the limit is an error")
  func overLimit() throws {
    let tokenizer = try TinyVocabulary().bytePair()
    let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Limits.textBytes + 1)
    defer { text.deallocate() }
    #expect(throws: TokenizerError.limit(name: "textBytes", found: text.count, maximum: Limits.textBytes)) {
      try tokenizer.encode(UnsafeBufferPointer(text), special: .none, continuesText: false)
    }
  }
}
