import Testing
import Tokens

@testable import Sampling

@Suite struct ChainTests {
  let logits = Recording.logits(seed: 11, count: 500, spread: 6)

  func chain(_ change: (inout SamplerSettings) -> Void) throws(SamplingError) -> SamplerChain {
    var settings = SamplerSettings()
    settings.seed = 99
    change(&settings)
    let effective = try EffectiveSettings([(.request, settings)], vocabularySize: 500)
    return try SamplerChain(effective.chain, vocabularySize: 500)
  }

  @Test func theSameSeedGivesTheSameTokensAndACopyGoesOnAlike() throws {
    var first = try chain { $0.temperature = 2 }
    var second = try chain { $0.temperature = 2 }
    var tokens: [SampledToken] = []
    for _ in 0..<100 {
      let token = try sample(&first, logits)
      first.accept(token.token)
      tokens.append(token)
    }
    for (index, token) in tokens.enumerated() {
      if index == 50 {
        var copy = second
        for later in tokens[50...] { #expect(try sample(&copy, logits) == later) }
      }
      #expect(try sample(&second, logits) == token)
      second.accept(token.token)
    }
    #expect(Set(tokens.map(\.token)).count > 5)
    first.reset()
    #expect(try sample(&first, logits) == tokens[0])
  }

  @Test func tokensComeAsOftenAsTheirProbabilitySays() throws {
    var chain = try SamplerChain(ChainSpecification(stages: [], seed: 4), vocabularySize: 4)
    var counts = [0, 0, 0, 0]
    for _ in 0..<20_000 { counts[try sample(&chain, [0, 1, 2, -.infinity]).token.index] += 1 }
    #expect(counts[3] == 0)
    for (count, wanted) in zip(counts, [0.0900, 0.2447, 0.6652]) {
      #expect(abs(Double(count) / 20_000 - wanted) < 0.01)
    }
  }

  @Test func aDrawIsTheFirstWhoseCumulativeProbabilityExceedsTheRandomNumber() throws {
    for count in [1, 2, 63, 64, 65, 200, 3000] {
      var row = Recording.logits(seed: UInt64(count), count: count, spread: 4)
      // Candidates without a probability, also at the end and a whole block of them.
      for index in row.indices where index > 70 && index < 300 || index % 5 == 4 { row[index] = -.infinity }
      var candidates = try loaded(row)
      try candidates.computeProbabilities()
      var random = RandomSource(seed: 8)
      for _ in 0..<100 {
        var copy = random
        let target = copy.uniform()
        var sum = 0.0
        let wanted = row.indices.first {
          sum += Double(candidates.probability(at: $0))
          return sum > target + 1e-9
        }
        #expect(try candidates.draw(&random) == wanted)
        #expect(random == copy)
      }
    }
  }

  @Test func aDrawBeyondTheSumIsTheLastCandidateThatIsPossible() throws {
    // 49 probabilities that round to a sum below 1, a block without any behind them, and the largest random number.
    var row = [Float](repeating: -.infinity, count: 2 * VectorMath.block)
    for index in 4..<53 { row[index] = 0 }
    var candidates = try loaded(row)
    var random = RandomSource(state: (1, 0x4FC7_1C71_C71C_71C7, 0, 0))
    var copy = random
    #expect(copy.uniform() == 1 - 0x1p-53)
    #expect(try candidates.draw(&random) == 52)
  }

  @Test func xtcActsAsOftenAsItsProbabilitySays() throws {
    var stage = try #require(
      try stage(
        "xtc", ["xtc_probability": .number(0.3), "xtc_threshold": .number(0.2)], vocabularySize: 4))
    var acted = 0
    for _ in 0..<4000 {
      var candidates = try loaded([3, 3, 2, 0])
      try stage.apply(to: &candidates)
      acted += candidates.count < 4 ? 1 : 0
    }
    #expect(abs(Double(acted) / 4000 - 0.3) < 0.03)
  }

  @Test func temperatureZeroIsGreedyAndTiesGoToTheLowestId() throws {
    var tied = logits
    tied[300] = 50
    tied[17] = 50
    var greedy = try chain { $0.temperature = 0 }
    #expect(try sample(&greedy, tied) == SampledToken(token: 17, probability: 1))
  }

  @Test func aStageOfAPluginStandsWhereTheChainSaysIt() throws {
    struct EvenOnly: SamplerStage {
      let name = "even_only"
      let from: Int

      mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
        let ids = (0..<candidates.count).map { candidates.id(at: $0).index }
        candidates.keep { ids[$0] % 2 == 0 && ids[$0] >= from }
      }
    }
    var registry = SamplerRegistry.builtIn
    let descriptor = StageDescriptor(
      name: "even_only", summary: "Keeps even tokens.",
      parameters: [
        ParameterDescriptor(
          name: "from", kind: .integer(0...1000), default: .integer(0), meaning: "The first.")
      ], origin: "test")
    try registry.register(descriptor) { (parameters, _) throws(SamplingError) in
      EvenOnly(from: parameters.integer("from"))
    }
    #expect(throws: SamplingError.duplicateStage(name: "even_only")) {
      try registry.register(descriptor) { (_, _) throws(SamplingError) in nil }
    }
    var settings = SamplerSettings()
    settings.order = ["top_k", "even_only", "temperature"]
    settings.stageParameters = ["even_only": ["from": .integer(100)]]
    let effective = try EffectiveSettings([(.request, settings)], registry: registry, vocabularySize: 500)
    #expect(
      effective.settings.contains {
        $0.name == "even_only.from" && $0.value == "100" && $0.source == .request
      })
    var chain = try SamplerChain(effective.chain, registry: registry, vocabularySize: 500)
    for _ in 0..<50 {
      let token = try sample(&chain, logits).token.index
      #expect(token % 2 == 0 && token >= 100)
    }
    // A stage may not remove everybody.
    settings.stageParameters = ["even_only": ["from": .integer(501)]]
    let empty = try EffectiveSettings([(.request, settings)], registry: registry, vocabularySize: 500)
    var broken = try SamplerChain(empty.chain, registry: registry, vocabularySize: 500)
    #expect(throws: SamplingError.self) { try sample(&broken, logits) }
  }

  @Test func mistakesAreNamedWithWhatWouldBeRight() throws {
    func error(_ stages: [ChainSpecification.Stage]) -> SamplingError? {
      do throws(SamplingError) {
        _ = try SamplerChain(ChainSpecification(stages: stages, seed: 0), vocabularySize: 500)
        return nil
      } catch { return error }
    }
    #expect(error([.init("topk")]) == .unknownStage(name: "topk", nearest: "top_k"))
    #expect(error([.init("nonsense")]) == .unknownStage(name: "nonsense", nearest: nil))
    #expect(
      error([.init("top_p", ["topp": .number(1)])])
        == .unknownParameter(stage: "top_p", name: "topp", nearest: "top_p"))
    #expect(
      error([.init("top_p", ["top_p": .number(1.5)])])?.description
        == "top_p is 1.5; it must be a number from 0 to 1")
    #expect(error([.init("top_p", ["top_p": .number(.nan)])]) != nil)
    #expect(error([.init("temperature", ["temperature": .number(-1)])]) != nil)
    #expect(
      error([.init("top_k", ["top_k": .number(1.5)])])
        == .wrongType(field: "top_k", expected: "an integer from -1 to 16777216"))
    #expect(error([.init("top_k", ["top_k": .number(1e300)])]) != nil)
    #expect(error([.init("top_k", ["top_k": .biases([])])]) != nil)
    #expect(error([.init("logit_bias", ["logit_bias": .biases([TokenBias(token: 500, bias: 1)])])]) != nil)
    #expect(error([.init("logit_bias", ["logit_bias": .biases([TokenBias(token: -1, bias: 1)])])]) != nil)
    #expect(error([.init("logit_bias", ["logit_bias": .biases([TokenBias(token: 1, bias: .nan)])])]) != nil)
    #expect(error([.init("dry", ["dry_sequence_breakers": .sequences([[]])])]) != nil)
    #expect(error([.init("dist"), .init("top_k")]) != nil)
    #expect(error(Array(repeating: .init("top_k"), count: 65)) != nil)
    #expect(error(Array(repeating: .init("top_k"), count: 64)) == nil)
  }

  @Test func aRowOfAnotherVocabularyIsAnErrorNotATrap() throws {
    var chain = try SamplerChain(.greedy, vocabularySize: 500)
    #expect(throws: SamplingError.self) { try sample(&chain, [1, 2, 3]) }
  }

  @Test func penaltiesForgetWhatLeavesTheirWindow() throws {
    var stage = try #require(
      try stage(
        "penalties", ["penalty_last_n": .integer(2), "repetition_penalty": .number(2)], vocabularySize: 3))
    for token in [0, 0, 1, 2] as [TokenID] { stage.accept(token) }
    var candidates = try loaded([4, 4, 4])
    try stage.apply(to: &candidates)
    #expect((0..<3).map { candidates.logit(at: $0) } == [4, 2, 2])
  }

  @Test func presenceAndFrequencyMayLeaveThePromptOut() throws {
    func logits(after generated: [TokenID], countsPrompt: Bool, last: Int? = nil) throws -> [Float] {
      var stage = try #require(
        try stage(
          "penalties",
          [
            "penalty_last_n": .integer(last ?? -1), "repetition_penalty": .number(2),
            "presence_penalty": .number(1), "frequency_penalty": .number(0.5),
            "penalty_prompt": .integer(countsPrompt ? 1 : 0),
          ], vocabularySize: 3))
      for token in [0, 0, 1] as [TokenID] { stage.accept(token) }
      var first = try loaded([4, 4, 4])
      try stage.apply(to: &first)
      for token in generated { stage.accept(token) }
      var candidates = try loaded([4, 4, 4])
      try stage.apply(to: &candidates)
      // A stage that starts again has a new prompt.
      stage.reset()
      stage.accept(2)
      var again = try loaded([4, 4, 4])
      try stage.apply(to: &again)
      #expect((0..<3).map { again.logit(at: $0) } == [4, 4, countsPrompt ? 0.5 : 2])
      return (0..<3).map { candidates.logit(at: $0) }
    }
    #expect(try logits(after: [], countsPrompt: true) == [0, 0.5, 4])
    #expect(try logits(after: [], countsPrompt: false) == [2, 2, 4])
    #expect(try logits(after: [1, 2, 2], countsPrompt: false) == [2, 0.5, 0])
    // The prompt leaves the window first, then what was generated.
    #expect(try logits(after: [1, 2, 2], countsPrompt: false, last: 3) == [4, 0.5, 0])
    #expect(try logits(after: [1, 2, 2, 0], countsPrompt: false, last: 3) == [0.5, 4, 0])
    #expect(try logits(after: [1, 2, 2, 0], countsPrompt: true, last: 3) == [0.5, 4, 0])
  }

  @Test func aTinyTemperatureSharpensWithoutChoosingAmongEquals() throws {
    for temperature in [1e-5, 1e-7, 1e-30, 1e-44] {
      var stage = try #require(
        try stage("temperature", ["temperature": .number(temperature)], vocabularySize: 5))
      var candidates = try loaded([3, 1, 3, -.infinity, 2.999])
      try stage.apply(to: &candidates)
      try candidates.computeProbabilities()
      #expect((0..<5).map { candidates.probability(at: $0) } == [0.5, 0, 0.5, 0, 0])
    }
  }
}
