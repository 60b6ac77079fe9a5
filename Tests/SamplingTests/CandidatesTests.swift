import Foundation
import Testing
import Tokens

@testable import Sampling

@Suite struct CandidatesTests {
  /// Logits with many ties, in a reproducible order.
  static func tied(_ seed: UInt64, _ count: Int, levels: UInt64) -> [Float] {
    var random = RandomSource(seed: seed)
    return (0..<count).map { _ in Float(random.next() % levels) - Float(levels) / 2 }
  }

  @Test(arguments: [1, 2, 7, 40, 256, 257, 999, 1000, 2000])
  func theTopIsThatOfAStableSortWithLowIdsFirst(k: Int) throws {
    for (seed, levels) in [(1, 3), (2, 50), (3, 1 << 40), (4, 1)] as [(UInt64, UInt64)] {
      let logits = Self.tied(seed, 1000, levels: levels)
      var candidates = try loaded(logits)
      candidates.keepTop(k)
      let wanted = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(k)
      #expect((0..<candidates.count).map { candidates.id(at: $0).index } == Array(wanted))
      #expect((0..<candidates.count).map { candidates.logit(at: $0) } == wanted.map { logits[$0] })
      #expect(candidates.isSorted)
    }
  }

  @Test func theTopOfCandidatesThatAreNotTheWholeVocabularyIsTheSame() throws {
    let logits = Self.tied(9, 2000, levels: 30)
    for k in [3, 100, 700] {
      var candidates = try loaded(logits)
      candidates.keep { $0 % 3 != 0 }
      candidates.keepTop(k)
      let kept = logits.indices.filter { $0 % 3 != 0 }
      let wanted = kept.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(k)
      #expect((0..<candidates.count).map { candidates.id(at: $0).index } == Array(wanted))
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func whatIsRememberedOfBlocksStaysTrueWhateverChanges(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    func below(_ end: Int) -> Int { Int(random.next() % UInt64(end)) }
    let count = [1, 63, 64, 65, 700, 3000][below(6)]
    var logits = Self.tied(seed, count, levels: [4, 300, 1 << 40][below(3)])
    if seed % 4 == 0 { for _ in 0..<count / 3 { logits[below(count)] = -.infinity } }
    var candidates = try loaded(logits)
    // Loading again must not remember the last row.
    candidates = try loaded(logits)
    for _ in 0..<below(40) {
      let place = below(count)
      switch below(4) {
      case 0: logits[place] = -.infinity
      case 1: logits[place] = Float(below(1000)) - 500
      case 2:
        // The largest, so that its block has another.
        if let best = logits.indices.max(by: { logits[$0] < logits[$1] }) { logits[best] -= 3 }
      default:
        let divisor = Float(below(5) + 1) / 3
        candidates.divideLogits(by: divisor)
        for index in logits.indices { logits[index] /= divisor }
      }
      for index in logits.indices where candidates.logit(at: index) != logits[index] {
        candidates.setLogit(logits[index], at: index)
      }
      #expect(candidates.largestLogit() == logits.max())
    }
    let sorted = logits.indices.filter { logits[$0] > -.infinity }.sorted {
      (-logits[$0], $0) < (-logits[$1], $1)
    }
    for k in [1, 2, 40, 300, count] {
      var top = candidates
      top.keepTop(k)
      #expect((0..<top.count).map { top.id(at: $0).index } == Array(sorted.prefix(k)))
      var tied = candidates
      tied.keepTopAndTies(k)
      let last = sorted.prefix(k).last.map { logits[$0] } ?? .infinity
      #expect((0..<tied.count).map { tied.id(at: $0).index } == sorted.filter { logits[$0] >= last })
      var cut = candidates
      cut.keepLogits(atLeast: last)
      #expect(
        (0..<cut.count).map { cut.id(at: $0).index }
          == logits.indices.filter { logits[$0] >= last && last < .infinity })
    }
  }

  @Test func probabilitiesAreTheSoftmaxInDoublePrecision() throws {
    for count in [1, 7, 8, 9, 1000, 4099] {
      let logits = Recording.logits(seed: UInt64(count), count: count, spread: 20)
      var candidates = try loaded(logits)
      try candidates.computeProbabilities()
      let largest = Double(try #require(logits.max()))
      let sum = logits.reduce(0) { $0 + exp(Double($1) - largest) }
      for index in 0..<count {
        let wanted = exp(Double(logits[index]) - largest) / sum
        #expect(abs(Double(candidates.probability(at: index)) - wanted) <= 5e-6 * wanted)
      }
    }
  }

  @Test func theExponentialIsExactToTwoUnits() {
    var x: Float = 0
    while x > -86.9 {
      let found = VectorMath.exponential(x)
      let wanted = Float(exp(Double(x)))
      #expect(abs(found - wanted) <= 2 * wanted.ulp, "exp(\(x))")
      x -= 0.0137
    }
    for x in [-87.5, -1000, -.infinity, .nan] as [Float] {
      #expect(VectorMath.exponential(x) == 0)
    }
  }

  @Test func whatIsNotANumberIsNeverPickedAndTheInfinitesAreLimits() throws {
    let logits: [Float] = [.nan, -.infinity, 1, .infinity, .infinity, -.greatestFiniteMagnitude, .nan, 2, 3]
    var chain = try SamplerChain(ChainSpecification(stages: [], seed: 3), vocabularySize: 9)
    for _ in 0..<50 { #expect([3, 4].contains(try sample(&chain, logits).token.index)) }
    var greedy = try SamplerChain(.greedy, vocabularySize: 9)
    #expect(try sample(&greedy, logits) == SampledToken(token: 3, probability: 1))
    for temperature in [1e-6, 0.3, 100] {
      let specification = ChainSpecification(
        stages: [.init("temperature", ["temperature": .number(temperature)])], seed: 3)
      var warm = try SamplerChain(specification, vocabularySize: 9)
      #expect([3, 4].contains(try sample(&warm, logits).token.index))
    }
  }

  @Test(arguments: [[], [.nan], [.nan, -.infinity, .nan], [Float](repeating: -.infinity, count: 20)])
  func nothingToPickFromIsAnError(logits: [Float]) throws {
    #expect(throws: SamplingError.self) { try loaded(logits) }
  }

  @Test func banningEverythingIsAnErrorInEveryChain() throws {
    let bans = (0..<4).map { TokenBias(token: TokenID($0), bias: -.infinity) }
    for descriptor in SamplerRegistry.builtIn.descriptors {
      var parameters: [String: ParameterValue] = [:]
      // Values that switch every stage on.
      for parameter in descriptor.parameters where parameter.neutralValue != nil {
        switch parameter.kind {
        case .number(let range): parameters[parameter.name] = .number(min(0.5, range.upperBound))
        case .integer: parameters[parameter.name] = .integer(2)
        case .biases: parameters[parameter.name] = .biases(bans)
        case .sequences: break
        }
      }
      let specification = ChainSpecification(
        stages: [
          .init("logit_bias", ["logit_bias": .biases(bans)]), .init(descriptor.name, parameters),
        ], seed: 1)
      var chain = try SamplerChain(specification, vocabularySize: 4)
      for token in [1, 1, 1, 1, 1, 1] as [TokenID] { chain.accept(token) }
      #expect(throws: SamplingError.self, "\(descriptor.name)") { try sample(&chain, [1, 2, 3, 4]) }
    }
  }

  @Test func logProbabilitiesAreThoseOfTheRawRow() throws {
    let logits = Recording.logits(seed: 5, count: 1003, spread: 9) + [.nan, -.infinity]
    logits.withUnsafeBufferPointer { row in
      let found = LogProbabilities(row)
      let sum = logits.filter { $0 > -.infinity }.reduce(0) { $0 + exp(Double($1)) }
      for (index, logit) in logits.enumerated() where logit > -.infinity {
        #expect(abs(Double(found[TokenID(index)]) - (Double(logit) - log(sum))) < 2e-6 * 20)
      }
      #expect(found[1003] == -.infinity && found[1004] == -.infinity)
      let wanted = (0..<1003).sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(20)
      #expect(found.top(20).map(\.token.index) == Array(wanted))
      #expect(found.top(0) == [])
    }
  }
}
