import Testing
import Tokens

@testable import Sampling

/// Lends `count` equal candidates, lets `change` work on them and says what was found.
private func lend(
  _ count: Int = 70, keeping kept: Int? = nil,
  _ change: (UnsafeMutableBufferPointer<Int32>, UnsafeMutableBufferPointer<Float>) -> Void
) throws -> (findings: Candidates.Findings, candidates: Candidates) {
  var candidates = try loaded([Float](repeating: 1, count: count))
  let findings = try candidates.withUnsafeArrays { (ids, logits) throws(SamplingError) in
    change(ids, logits)
    return kept ?? count
  }
  return (findings, candidates)
}

@Suite("Candidates lent to code on plain arrays") struct LendingTests {
  // At both ends, and where vector code hands over to the rest.
  static let places = [0, 1, 7, 8, 31, 63, 64, 68, 69]

  @Test("Arrays that are left as they were are fine")
  func untouched() throws {
    for count in [1, 3, 8, 70, 1001] {
      let (findings, candidates) = try lend(count) { _, _ in }
      #expect(findings.isFine)
      #expect((0..<count).allSatisfy { candidates.id(at: $0).index == $0 && candidates.logit(at: $0) == 1 })
    }
  }

  @Test("A logit that is not a number is found wherever it stands, and is -∞ afterwards", arguments: places)
  func notANumber(place: Int) throws {
    for bad in [Float.nan, -.nan, .signalingNaN, Float(bitPattern: 0x7F80_0001), Float(bitPattern: .max)] {
      let (findings, candidates) = try lend { $1[place] = bad }
      #expect(findings == .init(hasNaN: true))
      #expect(candidates.logit(at: place) == -.infinity)
    }
  }

  @Test("A token outside of the vocabulary is found wherever it stands", arguments: places)
  func foreign(place: Int) throws {
    for bad in [70, 71, .max, -1, .min, .min + 69] as [Int32] {
      let (findings, _) = try lend { ids, _ in ids[place] = bad }
      #expect(findings == .init(hasForeignToken: true))
    }
  }

  @Test("A finite logit beyond the limit and +∞ are moved to the limit, and that is fine", arguments: places)
  func clamped(place: Int) throws {
    for (bad, wanted) in [(Float.infinity, Float(1e30)), (3e38, 1e30), (-3e38, -1e30), (1e30, 1e30)] {
      let (findings, candidates) = try lend { $1[place] = bad }
      #expect(findings.isFine)
      #expect(candidates.logit(at: place) == wanted)
    }
  }

  @Test("Only what is left counts: all at -∞ is found, what was dropped is not looked at")
  func possible() throws {
    let one = try lend { _, logits in for index in 0..<69 { logits[index] = -.infinity } }
    #expect(one.findings.isFine)
    let none = try lend(keeping: 69) { _, logits in for index in 0..<69 { logits[index] = -.infinity } }
    #expect(none.findings == .init(isAllImpossible: true))
    #expect(try lend(keeping: 0) { _, _ in }.findings.isAllImpossible)
    let dropped = try lend(keeping: 9) { ids, logits in (ids[9], logits[9]) = (-5, .nan) }
    #expect(dropped.findings.isFine && dropped.candidates.count == 9)
  }

  @Test("An impossible count is an error", arguments: [-1, 71, .max, .min])
  func count(kept: Int) throws {
    #expect(throws: SamplingError.self) { try lend(keeping: kept) { _, _ in } }
  }
}
