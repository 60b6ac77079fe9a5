import Foundation
import Testing
import Tokens

@testable import Sampling

/// Cases recorded from llama.cpp by `Fixtures/generate.py`.
struct Reference: Decodable {
  struct Step: Decodable {
    var seed: UInt64
    var spread: Double
    var selected: Int32
    var ids: [Int32]
    var p: [Double]
  }

  struct Case: Decodable {
    var seed: UInt64?
    var count: Int
    var spread: Double?
    var parameters: [String: Parameter]
    var history: [Int32]?
    var ids: [Int32]?
    var p: [Double]?
    var steps: [Step]?
    var world: [Int32]?
    var breakers: [[Int32]]?
  }

  struct Stage: Decodable {
    var stage: String
    var cases: [Case]
  }

  enum Parameter: Decodable {
    case number(Double)
    case biases([[Double]])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .biases(try container.decode([[Double]].self))
      }
    }

    var value: ParameterValue {
      switch self {
      case .number(let number): .number(number)
      case .biases(let pairs):
        .biases(pairs.map { TokenBias(token: TokenID(Int($0[0])), bias: Float($0[1])) })
      }
    }
  }

  var stages: [Stage]

  private static let all = Result {
    let url = try #require(
      Bundle.module.url(forResource: "stages", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
  }

  static func cases(_ stage: String) throws -> [Case] {
    try all.get().stages.filter { $0.stage == stage }.flatMap(\.cases)
  }

  /// The logits that the generator made from the same seed.
  static func logits(seed: UInt64, count: Int, spread: Double) -> [Float] {
    var random = SplitMix64(state: seed)
    return (0..<count).map { _ in Float((Double(random.next() >> 40) / Double(1 << 24) - 0.5) * 2 * spread) }
  }
}

func loaded(_ logits: [Float]) throws(SamplingError) -> Candidates {
  var candidates = Candidates()
  let result = logits.withUnsafeBufferPointer { row -> Result<Void, SamplingError> in
    do throws(SamplingError) { return .success(try candidates.load(row)) } catch { return .failure(error) }
  }
  try result.get()
  return candidates
}

/// Candidates above -∞ by id, with their probabilities.
func distribution(_ candidates: Candidates) throws(SamplingError) -> [Int32: Double] {
  var copy = candidates
  try copy.computeProbabilities()
  var found: [Int32: Double] = [:]
  for index in 0..<copy.count where copy.logit(at: index) > -.infinity {
    found[copy.id(at: index).rawValue] = Double(copy.probability(at: index))
  }
  return found
}

/// Whether a distribution is the recorded one, to the precision of single floats.
func agrees(_ found: [Int32: Double], ids: [Int32], p: [Double]) -> Bool {
  guard found.count == ids.count else { return false }
  return zip(ids, p).allSatisfy { id, wanted in
    guard let value = found[id] else { return false }
    return abs(value - wanted) <= 2e-5 * wanted + 1e-9
  }
}

func stage(
  _ name: String, _ parameters: [String: ParameterValue], vocabularySize: Int
) throws(SamplingError) -> (any SamplerStage)? {
  let chain = try SamplerChain(
    ChainSpecification(stages: [.init(name, parameters)], seed: 1), vocabularySize: vocabularySize)
  return chain.stages.first { $0.name == name }
}

@Suite struct ReferenceTests {
  @Test(arguments: [
    "top_k", "top_p", "min_p", "typ_p", "top_n_sigma", "temperature", "xtc", "penalties", "dry", "logit_bias",
    "epsilon_cutoff", "eta_cutoff", "no_repeat_ngram",
  ])
  func aStageLeavesTheSameCandidatesAndProbabilitiesAsTheReference(name: String) throws {
    let cases = try Reference.cases(name)
    #expect(cases.count >= 180)
    for (number, example) in cases.enumerated() {
      let logits = Reference.logits(
        seed: try #require(example.seed), count: example.count, spread: try #require(example.spread))
      var candidates = try loaded(logits)
      // A stage that does nothing at these values is left out of a chain.
      if var stage = try stage(name, example.parameters.mapValues(\.value), vocabularySize: example.count) {
        for token in example.history ?? [] { stage.accept(TokenID(rawValue: token)) }
        try stage.apply(to: &candidates)
      }
      let found = try distribution(candidates)
      #expect(agrees(found, ids: example.ids ?? [], p: example.p ?? []), "\(name) case \(number)")
    }
  }

  @Test func sequenceBreakersLimitDryAsInTheReference() throws {
    let cases = try Reference.cases("dry_breakers")
    #expect(cases.count >= 60)
    for (number, example) in cases.enumerated() {
      let world = try #require(example.world)
      var parameters = example.parameters.mapValues(\.value)
      let breakers = try #require(example.breakers).map { $0.map { TokenID(rawValue: $0) } }
      parameters["dry_sequence_breakers"] = .sequences(breakers)
      var stage = try #require(try stage("dry", parameters, vocabularySize: 1 << 20))
      for token in example.history ?? [] { stage.accept(TokenID(rawValue: token)) }
      let logits = Reference.logits(seed: try #require(example.seed), count: world.count, spread: 4)
      // Candidates that are not the whole vocabulary, as a plugin may leave them.
      var candidates = try loaded(logits)
      candidates.ids = world
      candidates.isDense = false
      try stage.apply(to: &candidates)
      let found = try distribution(candidates)
      #expect(agrees(found, ids: example.ids ?? [], p: example.p ?? []), "case \(number)")
    }
  }

  @Test(arguments: ["mirostat", "mirostat_v2", "adaptive_p"])
  func aSelectingStageFollowsTheReferenceOverSeveralSteps(name: String) throws {
    for (number, example) in try Reference.cases(name).enumerated() {
      var stage = try #require(
        try stage(name, example.parameters.mapValues(\.value), vocabularySize: example.count))
      for step in try #require(example.steps) {
        var candidates = try loaded(
          Reference.logits(seed: step.seed, count: example.count, spread: step.spread))
        try drive(&stage, &candidates, picking: TokenID(rawValue: step.selected))
        #expect(agrees(try distribution(candidates), ids: step.ids, p: step.p), "\(name) case \(number)")
      }
    }
  }

  /// One step of a selecting stage with the reference's pick instead of its own.
  private func drive(
    _ stage: inout any SamplerStage, _ candidates: inout Candidates, picking token: TokenID
  ) throws {
    switch stage {
    case var mirostat as MirostatStage:
      try mirostat.truncate(&candidates)
      try candidates.computeProbabilities()
      let index = try #require(candidates.index(of: token))
      let probability = candidates.probability(at: index)
      mirostat.bound = updatedBound(
        mirostat.bound, probability, target: mirostat.target, rate: mirostat.rate)
      stage = mirostat
    case var mirostat as MirostatV2Stage:
      try mirostat.truncate(&candidates)
      let index = try #require(candidates.index(of: token))
      let probability = candidates.probability(at: index)
      mirostat.bound = updatedBound(
        mirostat.bound, probability, target: mirostat.target, rate: mirostat.rate)
      stage = mirostat
    case var adaptive as AdaptivePStage:
      try adaptive.transform(&candidates)
      adaptive.select(&candidates, try #require(candidates.index(of: token)))
      stage = adaptive
    default: Issue.record("not a selecting stage")
    }
    stage.accept(token)
  }

  @Test func aWholeChainInLlamasOrderLeavesTheSameCandidates() throws {
    for (number, example) in try Reference.cases("chain").enumerated() {
      var settings = SamplerSettings()
      for (name, parameter) in example.parameters { try settings.set(name, to: parameter.value) }
      settings.seed = 1
      let effective = try EffectiveSettings([(.request, settings)], vocabularySize: example.count)
      var chain = try SamplerChain(effective.chain, vocabularySize: example.count)
      for token in example.history ?? [] { chain.accept(TokenID(rawValue: token)) }
      let logits = Reference.logits(
        seed: try #require(example.seed), count: example.count, spread: try #require(example.spread))
      let sampled = try sample(&chain, logits)
      let found = try distribution(chain.candidates)
      #expect(agrees(found, ids: example.ids ?? [], p: example.p ?? []), "case \(number)")
      #expect(abs(Double(sampled.probability) - (found[sampled.token.rawValue] ?? -1)) < 1e-6)
    }
  }
}

func sample(_ chain: inout SamplerChain, _ logits: [Float]) throws(SamplingError) -> SampledToken {
  let result = logits.withUnsafeBufferPointer { row -> Result<SampledToken, SamplingError> in
    do throws(SamplingError) { return .success(try chain.sample(row)) } catch { return .failure(error) }
  }
  return try result.get()
}
