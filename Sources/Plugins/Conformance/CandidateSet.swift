/// Candidates to try a sampler on: random ones, and edge cases that samplers get wrong.
struct CandidateSet {
  /// What is special about it, for reports.
  let name: String
  /// Tokens, in no particular order.
  let ids: [Int32]
  /// The logit of each token.
  let logits: [Float]
  /// Whether logits fall from the first to the last.
  var isSorted = false

  /// The size of the vocabulary that all sets are drawn from.
  static let vocabularySize = Limits.conformanceCandidates

  /// The fixed sets, the same in every run; the whole vocabulary comes last.
  static let all: [CandidateSet] = {
    var random: UInt64 = 7
    var sets: [CandidateSet] = []
    func add(_ name: String, _ count: Int, isSorted: Bool = false, _ logit: (Int) -> Float) {
      var logits = (0..<count).map { logit($0) }
      if isSorted { logits.sort(by: >) }
      sets.append(
        CandidateSet(name: name, ids: tokens(count, &random), logits: logits, isSorted: isSorted))
    }
    add("a single candidate", 1) { _ in 0 }
    add("a single candidate with a very low logit", 1) { _ in -1e30 }
    add("two equal candidates", 2) { _ in 1 }
    add("100 equal candidates", 100) { _ in 3.5 }
    add("one possible candidate among 100", 100) { $0 == 57 ? 2 : -.infinity }
    add("huge logits", 64) { $0 % 2 == 0 ? 1e30 : -1e30 }
    add("huge equal logits", 64) { _ in 1e30 }
    add("one candidate far above the others", 200) { $0 == 3 ? 1000 : 0 }
    add("differences below precision", 50) { 1e8 + Float($0) * 1e-3 }
    for count in [2, 5, 40, 1000] {
      var stream = UInt64(count)
      add("\(count) random candidates", count) { _ in gaussian(&stream) }
      add("\(count) sorted candidates", count, isSorted: true) { _ in gaussian(&stream) }
    }
    var stream: UInt64 = 99
    add("a whole vocabulary", vocabularySize) { _ in gaussian(&stream) }
    return sets
  }()

  /// The candidates of step `step` of a sequence: the same tokens in every step, so that what a sampler remembers of
  /// one step shows in the next, in another order and with other logits.
  static func step(_ step: Int) -> CandidateSet {
    var random = UInt64(truncatingIfNeeded: step) &* 0x51_7CC1_B727_220A &+ 11
    let turn = Int(next(&random) % UInt64(stepTokens.count))
    return CandidateSet(
      name: "\(stepTokens.count) random candidates", ids: Array(stepTokens[turn...] + stepTokens[..<turn]),
      logits: stepTokens.map { _ in gaussian(&random) })
  }

  /// The candidates of every step.
  static let stepTokens: [Int32] = {
    var random: UInt64 = 3
    return tokens(60, &random)
  }()

  /// Distinct tokens in no particular order: multiples of a prime that does not divide the size of the vocabulary.
  private static func tokens(_ count: Int, _ random: inout UInt64) -> [Int32] {
    let start = Int(next(&random) % UInt64(vocabularySize))
    return (0..<count).map { Int32((start + $0 * 7919) % vocabularySize) }
  }

  /// A roughly normal number around 0, with the spread of typical logits: a sum of uniform ones.
  private static func gaussian(_ random: inout UInt64) -> Float {
    var sum: Float = 0
    for _ in 0..<12 { sum += Float(next(&random) >> 40) * 0x1p-24 }
    return (sum - 6) * 2.5
  }

  private static func next(_ random: inout UInt64) -> UInt64 {
    random &+= 0x9E37_79B9_7F4A_7C15
    var mixed = random
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
