import Glibc
import Testing
import Tokens

@testable import Sampling

func sampleTraced(
  _ chain: inout SamplerChain, _ logits: [Float]
) throws(SamplingError) -> (token: SampledToken, trace: SamplingTrace) {
  let result = logits.withUnsafeBufferPointer {
    row -> Result<(token: SampledToken, trace: SamplingTrace), SamplingError> in
    do throws(SamplingError) { return .success(try chain.sampleTraced(row)) } catch { return .failure(error) }
  }
  return try result.get()
}

@Suite struct TraceTests {
  /// Every stage at values at which it does something.
  static let active: [ChainSpecification.Stage] = [
    .init(
      "logit_bias", ["logit_bias": .biases([.init(token: 3, bias: -.infinity), .init(token: 9, bias: 4)])]),
    .init("penalties", ["repetition_penalty": .number(1.3), "presence_penalty": .number(0.2)]),
    .init("dry", ["dry_multiplier": .number(0.8), "dry_allowed_length": .integer(1)]),
    .init("no_repeat_ngram", ["no_repeat_ngram_size": .integer(2)]),
    .init("top_n_sigma", ["top_n_sigma": .number(2)]), .init("top_k", ["top_k": .integer(30)]),
    .init("typ_p", ["typical_p": .number(0.9)]), .init("top_p", ["top_p": .number(0.9)]),
    .init("min_p", ["min_p": .number(0.02)]),
    .init("xtc", ["xtc_probability": .number(0.5), "xtc_threshold": .number(0.1)]),
    .init("temperature", ["temperature": .number(1.4), "dynatemp_range": .number(0.3)]),
    .init("epsilon_cutoff", ["epsilon_cutoff": .number(0.001)]),
    .init("eta_cutoff", ["eta_cutoff": .number(0.001)]),
  ]
  static let picks: [ChainSpecification.Stage] = [
    .init("dist"), .init("greedy"), .init("mirostat"), .init("mirostat_v2"),
    .init("adaptive_p", ["adaptive_target": .number(0.4)]),
  ]
  /// Each stage alone, each pick alone, and all stages before each pick.
  static let chains = active.map { [$0] } + picks.map { [$0] } + picks.map { active + [$0] }

  @Test(
    "A chain picks the same tokens with a trace and without", arguments: chains, [1, 77, 4096] as [UInt64])
  func samePicks(stages: [ChainSpecification.Stage], seed: UInt64) throws {
    var plain = try SamplerChain(ChainSpecification(stages: stages, seed: seed), vocabularySize: 300)
    var traced = plain
    for step in 0..<12 {
      var row = Recording.logits(seed: seed &* 1000 &+ UInt64(step), count: 300, spread: 5)
      row[step] = step % 3 == 0 ? -.infinity : .nan
      let token = try sample(&plain, row)
      let (same, trace) = try sampleTraced(&traced, row)
      #expect(same == token)
      // The chain ends in dist where it names no pick.
      let names = stages.map(\.name)
      #expect(trace.stages.map(\.name).starts(with: names))
      #expect(trace.stages.first?.before.candidates == 299)
      let last = try #require(trace.stages.last?.after)
      #expect(abs(last.probability - Double(token.probability)) < 1e-5)
      for (stage, next) in zip(trace.stages, trace.stages.dropFirst()) { #expect(stage.after == next.before) }
      plain.accept(token.token)
      traced.accept(token.token)
    }
  }

  @Test(
    "A traced stage has the candidates, mass, entropy, rank and probability of llama.cpp's",
    arguments: [
      "top_k", "top_p", "min_p", "typ_p", "top_n_sigma", "temperature", "xtc", "penalties", "dry",
      "logit_bias",
    ])
  func reference(name: String) throws {
    var traced = 0
    for (number, example) in try Recording.llama.get().cases(name).enumerated() {
      let logits = try #require(example.row).logits
      let outcome = try #require(example.outcome)
      // Which of equal candidates are left is not the same choice everywhere.
      if outcome.ties == true { continue }
      let stage = ChainSpecification.Stage(name, example.parameters)
      var chain = try SamplerChain(
        ChainSpecification(stages: [stage, .init("dist")], seed: 1), vocabularySize: example.count)
      for token in example.history { chain.accept(token) }
      let (token, trace) = try sampleTraced(&chain, logits)
      guard let stage = trace.stages.first, stage.name == name else { continue }
      traced += 1
      let before = softmax(logits.enumerated().map { ($0.offset, $0.element) })
      let after = softmax(outcome.candidates(of: logits))
      let id = token.token.rawValue
      expect(stage.before, has: before, id: id, "\(name) case \(number), before")
      expect(stage.after, has: after, id: id, "\(name) case \(number), after")
      let removed = before.reduce(0) { after[$1.key] == nil ? $0 + $1.value : $0 }
      #expect(abs(stage.massRemoved - removed) < 1e-6, "\(name) case \(number)")
    }
    #expect(traced >= 80)
  }

  private func expect(
    _ point: SamplingTrace.Distribution, has wanted: [Int32: Double], id: Int32, _ place: String
  ) {
    #expect(point.candidates == wanted.count, "\(place)")
    let entropy = wanted.values.reduce(0) { $1 > 0 ? $0 - $1 * log2($1) : $0 }
    #expect(abs(point.entropy - entropy) < 1e-3, "\(place)")
    let own = wanted[id] ?? 0
    #expect(abs(point.probability - own) <= 2e-5 * own + 1e-9, "\(place)")
    let slack = own * 1e-5
    let better = wanted.values.count { $0 > own + slack }
    let alike = wanted.values.count { abs($0 - own) <= slack }
    #expect((better + 1...better + alike).contains(point.rank ?? 0), "\(place)")
  }

  /// The probabilities of candidates above -∞.
  private func softmax(_ candidates: [(place: Int, logit: Float)]) -> [Int32: Double] {
    let possible = candidates.filter { $0.logit > -.infinity }
    let largest = possible.map { Double($0.logit) }.max() ?? 0
    let weights = possible.map { exp(Double($0.logit) - largest) }
    let sum = weights.reduce(0, +)
    return Dictionary(uniqueKeysWithValues: zip(possible, weights).map { (Int32($0.place), $1 / sum) })
  }

  @Test("A trace names the likeliest tokens of the model, best first")
  func likeliest() throws {
    var row = [Float](repeating: 0, count: 50)
    row[7] = 5
    row[3] = 4
    var chain = try SamplerChain(.greedy, vocabularySize: 50)
    let (token, trace) = try sampleTraced(&chain, row)
    #expect(token.token == 7)
    #expect(trace.likeliest.map(\.token) == [7, 3, 0, 1, 2])
    #expect(trace.stages.count == 1)
    let greedy = try #require(trace.stages.first)
    #expect(greedy.after == .init(candidates: 1, entropy: 0, rank: 1, probability: 1))
    #expect(greedy.massRemoved > 0 && greedy.before.rank == 1)
  }

  @Test("A token that a stage of a plugin brings back has no rank before it")
  func broughtBack() throws {
    struct Only: SamplerStage {
      let name = "only_5"
      mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
        try candidates.withUnsafeArrays { ids, logits throws(SamplingError) in
          ids[0] = 5
          logits[0] = 1
          return 1
        }
      }
    }
    var registry = SamplerRegistry.builtIn
    try registry.register(
      StageDescriptor(name: "only_5", summary: "Leaves token 5.", parameters: [], origin: "test")
    ) { (_, _) throws(SamplingError) in Only() }
    var chain = try SamplerChain(
      ChainSpecification(stages: [.init("top_k", ["top_k": .integer(2)]), .init("only_5")], seed: 0),
      registry: registry, vocabularySize: 9)
    let (token, trace) = try sampleTraced(&chain, [9, 8, 0, 0, 0, 0, 0, 0, 0])
    #expect(token.token == 5)
    #expect(trace.stages[0].after.rank == nil && trace.stages[0].after.probability == 0)
    #expect(trace.stages[1].after.rank == 1 && trace.stages[1].massRemoved == 1)
  }
}
