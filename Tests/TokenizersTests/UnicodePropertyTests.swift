import Testing

@testable import Tokenizers

/// The tables of characters against the reference's pattern engine (`Fixtures/record_properties.py`).
struct UnicodePropertyTests {
  private static let surrogates = ScalarSet([0xD800...0xDFFF])

  @Test("every category, group, property and script has the reference's characters")
  func recorded() throws {
    let lines = String(decoding: try Fixtures.bytes("properties.txt"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 399)
    for line in lines {
      let fields = line.split(separator: " ")
      let set = try #require(ScalarSet.property(String(fields[0])), "\(fields[0])")
      let ranges = set.intersection(Self.surrogates.complement).ranges
      let text = ranges.map { "\($0.lowerBound) \($0.upperBound);" }.joined()
      #expect(Int(fields[1]) == ranges.count, "\(fields[0])")
      #expect(RecordedTokenizerTests.hash(Array(text.utf8)) == fields[2], "\(fields[0])")
    }
  }

  @Test("names are found whatever their case, spaces, hyphens and underscores")
  func names() {
    for name in ["Uppercase_Letter", "uppercase letter", "LU", "Upper-Case-Letter"] {
      #expect(ScalarSet.property(name) == ScalarSet.property("Lu"))
    }
    #expect(ScalarSet.property("Greek") == ScalarSet.property("Grek"))
    for name in ["", "Klingon", "Xx", "L1", "Lul", "zzzzz", "é", "adlm adlam"] {
      #expect(ScalarSet.property(name) == nil, "\(name)")
    }
  }

  @Test("every character has exactly one category and one script")
  func partition() {
    var union = ScalarSet.empty
    for group in ["L", "M", "N", "P", "S", "Z", "C"] {
      let set = ScalarSet.property(group) ?? .empty
      #expect(!set.isEmpty && union.intersection(set).isEmpty)
      union = union.union(set)
    }
    #expect(union == .all)
    let (latin, common) = (ScalarSet.property("Latin") ?? .all, ScalarSet.property("Common") ?? .all)
    #expect(latin.intersection(common).isEmpty)
  }

  @Test("sets are sorted, disjoint and not adjacent, and obey the laws of sets")
  func laws() {
    var random = SplitMix(seed: 13)
    for _ in 0..<200 {
      func set() -> ScalarSet {
        ScalarSet(
          (0..<Int.random(in: 0...6, using: &random)).map { _ in
            let low = UInt32.random(in: 0...40, using: &random)
            return low...(low + UInt32.random(in: 0...8, using: &random))
          })
      }
      let (a, b) = (set(), set())
      for (one, next) in zip(a.ranges, a.ranges.dropFirst()) {
        #expect(one.upperBound + 1 < next.lowerBound)
      }
      for scalar in UInt32(0)...50 {
        let (inA, inB) = (a.contains(scalar), b.contains(scalar))
        #expect(a.union(b).contains(scalar) == (inA || inB))
        #expect(a.intersection(b).contains(scalar) == (inA && inB))
        #expect(a.symmetricDifference(b).contains(scalar) == (inA != inB))
        #expect(a.complement.contains(scalar) == !inA)
      }
    }
    #expect(ScalarSet.all.complement == .empty && ScalarSet.empty.complement == .all)
  }
}
