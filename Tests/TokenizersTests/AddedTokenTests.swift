import Testing
import Tokens

@testable import Tokenizers

/// Added tokens in all combinations of their flags against the reference (`Fixtures/record_added.py`).
struct AddedTokenTests {
  private static let parts = [
    "a", "b", "A", " ", " ", "  ", "\n", "é", "<s>", "x", "_", "\u{A0}", "ab", "B",
  ]

  /// The texts of a line of the recording.
  private static func texts(_ line: Int) -> [String] {
    var state = UInt32(truncatingIfNeeded: line)
    func draw(_ count: Int) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int(state >> 16) % count
    }
    return (0..<200).map { _ in
      (0..<draw(12)).map { _ in parts[draw(parts.count)] }.joined()
    }
  }

  @Test("120,000 random texts have the reference's ids, and where the reference fails, ids all the same")
  func recorded() throws {
    let lines = String(decoding: try Fixtures.unpacked("added.txt.xz"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 600)
    for (number, line) in lines.enumerated() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      let tokenizer = try TokenizerFile.make(from: Array(fields[1].utf8))
      let failures = Set(fields[2].split(separator: " ").compactMap { Int($0) })
      var bytes: [UInt8] = []
      for (place, text) in Self.texts(number).enumerated() {
        let tokens = try tokenizer.encode(text, special: fields[0] == "1" ? .none : .all)
        var end = 0
        for token in tokens {
          #expect(end <= token.range.lowerBound && token.range.upperBound <= text.utf8.count)
          end = token.range.upperBound
        }
        if failures.contains(place) { continue }
        for token in tokens { bytes += PatternReferenceTests.little(token.id.index) }
        bytes += [0xFF, 0xFF, 0xFF, 0xFF]
      }
      #expect(RecordedTokenizerTests.hash(bytes) == fields[3], "line \(number): \(fields[1])")
    }
  }
}
