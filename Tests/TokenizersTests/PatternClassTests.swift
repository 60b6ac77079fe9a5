import Testing

@testable import Tokenizers

/// Classes of patterns over all of Unicode against the reference's engine (`Fixtures/record_classes.py`).
struct PatternClassTests {
  private static let surrogates = ScalarSet([0xD800...0xDFFF])

  /// The scalars that a pattern for one scalar takes.
  private static func set(_ pattern: String) throws -> ScalarSet? {
    switch try PatternParser.parse(pattern, dialect: .oniguruma) {
    case .set(let set): set
    case .choice(let alternatives): if case .set(let set) = alternatives.first { set } else { nil }
    default: nil
    }
  }

  @Test("every class in every spelling has the reference's characters, with and without ignore-case")
  func classes() throws {
    let lines = String(decoding: try Fixtures.bytes("classes.txt"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count > 600)
    for line in lines {
      let fields = line.split(separator: " ")
      let pattern = fields.dropLast(2).joined(separator: " ")
      let set = try #require(try Self.set(pattern), "\(pattern)")
      let ranges = set.intersection(Self.surrogates.complement).ranges
      let text = ranges.map { "\($0.lowerBound) \($0.upperBound);" }.joined()
      #expect(Int(fields[fields.count - 2]) == ranges.count, "\(pattern)")
      #expect(RecordedTokenizerTests.hash(Array(text.utf8)) == fields[fields.count - 1], "\(pattern)")
    }
  }
}
