import JSON
import Testing

@testable import Tokenizers

/// Patterns and tables of characters against Hugging Face's tokenizers (`Fixtures/record_patterns.py`).
struct PatternReferenceTests {
  /// The parts of `bytes` that end with `separator`.
  static func records(_ bytes: [UInt8], _ separator: UInt8) -> [[UInt8]] {
    bytes.split(separator: separator, omittingEmptySubsequences: false).dropLast().map { Array($0) }
  }

  static let recorded = Result { records(try Fixtures.unpacked("patterns.txt.xz"), 0x1E) }

  static func little(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  @Test("a pattern cuts texts as the reference engine does, whatever it looks at")
  func cuts() throws {
    let records = try Self.recorded.get()
    let texts = Self.records(try #require(records.first), 0x1D)
    #expect(records.count == 64 && texts.count == 228)
    for record in records.dropFirst() {
      let mark = try #require(record.firstIndex(of: 0x1F))
      let pattern = String(decoding: record[..<mark], as: UTF8.self)
      let automaton = try SplitAutomaton(pattern, dialect: .oniguruma)
      let splitter = Splitter(passes: [.pattern(automaton)])
      var counts: [UInt8] = []
      for text in texts {
        counts += try SplittingRuleTests.pieces(splitter, text).flatMap(Self.little) + Self.little(-1)
      }
      let hash = Array(RecordedTokenizerTests.hash(counts).utf8)
      #expect(hash == Array(record[(mark + 1)...]), "\(pattern)")
    }
  }

  @Test("a normalizer knows the characters that the reference knows")
  func normalizers() throws {
    let lines = String(decoding: try Fixtures.bytes("unicode.txt"), as: UTF8.self).split(separator: "\n")
    let scalars = (UInt32(1)..<0x110000).filter { $0 & 0x1FF800 != 0xD800 }
    let step = Effort.scaled(1, debug: 61)
    for line in lines {
      let parts = line.split(separator: " ").map(String.init)
      let json = Array(#"{"type":"\#(parts[0])"}"#.utf8)
      var steps: [NormalizerStep] = []
      try NormalizerStep.read(try JSONDocument.read(json).root, into: &steps)
      var made: [UInt8] = []
      for index in stride(from: 0, to: scalars.count, by: step) {
        let text = [0x61] + UTF8Scalar.bytes(scalars[index]) + [0xCC, 0x81]
        var normal = text.withUnsafeBufferPointer { AlignedText($0, 0..<$0.count) }
        for step in steps { normal = try step.apply(normal) }
        made += normal.bytes + [0x1E]
      }
      #expect(RecordedTokenizerTests.hash(made) == parts[step == 1 ? 1 : 2], "\(parts[0])")
    }
    #expect(lines.count == 8)
  }

  // A quadratic search of such texts takes hours; the limit only ends a test that hangs.
  @Test(
    "a pattern that looks around keeps all of a long text", .timeLimit(.minutes(60)),
    arguments: [
      "(?=(\\d{3})+(?!\\d))", "(?<=a+)b", "(?<!a.*)b", "(?>a+)b|x", "\\b\\w+\\b(?=.*z)", "(?:(?!ab).)*b",
    ], ["a", "1", "a1 "])
  func longTexts(pattern: String, unit: String) throws {
    let splitter = Splitter(passes: [.pattern(try SplitAutomaton(pattern, dialect: .oniguruma))])
    let count = Effort.scaled(1_000_000, debug: 20_000) / unit.utf8.count
    let text = Array(String(repeating: unit, count: count).utf8)
    #expect(try SplittingRuleTests.pieces(splitter, text).reduce(0, +) == text.count)
  }
}
