import Foundation
import Testing
import Tokens

@testable import Sampling

func loaded(_ logits: [Float]) throws(SamplingError) -> Candidates {
  var candidates = Candidates()
  let result = logits.withUnsafeBufferPointer { row -> Result<Void, SamplingError> in
    do throws(SamplingError) { return .success(try candidates.load(row)) } catch { return .failure(error) }
  }
  try result.get()
  return candidates
}

func sample(_ chain: inout SamplerChain, _ logits: [Float]) throws(SamplingError) -> SampledToken {
  let result = logits.withUnsafeBufferPointer { row -> Result<SampledToken, SamplingError> in
    do throws(SamplingError) { return .success(try chain.sample(row)) } catch { return .failure(error) }
  }
  return try result.get()
}

/// A stage as a chain makes it; nil where it does nothing at these values.
func stage(
  _ name: String, _ parameters: [String: ParameterValue], vocabularySize: Int
) throws(SamplingError) -> (any SamplerStage)? {
  let chain = try SamplerChain(
    ChainSpecification(stages: [.init(name, parameters)], seed: 1), vocabularySize: vocabularySize)
  return chain.stages.first { $0.name == name }
}

/// How candidates differ from recorded ones: by id, logit and probability; nil when they do not.
///
/// Where the recorded choice among equal logits was one of several, those that are left are compared by logit alone.
/// Logits beyond `largest` are compared as probabilities only: ours end at 10³⁰, and a temperature that the entropy made
/// nearly 0 is a matter of rounding.
private func difference(
  _ found: Candidates, from outcome: Recording.Outcome, of row: [Float], ids: [Int32]? = nil,
  tolerance: Double = 1e-6, largest: Double = 1e5
) throws -> String? {
  var copy = found
  try copy.computeProbabilities()
  var left: [(id: Int32, logit: Float, probability: Float)] = []
  for index in 0..<copy.count where copy.logit(at: index) > -.infinity {
    left.append((copy.id(at: index).rawValue, copy.logit(at: index), copy.probability(at: index)))
  }
  var wanted = outcome.candidates(of: row).map { (id: ids?[$0.place] ?? Int32($0.place), logit: $0.logit) }
  guard left.count == wanted.count else { return "\(left.count) candidates left, not \(wanted.count)" }
  if outcome.ties == true {
    left.sort { $0.logit > $1.logit }
    wanted.sort { $0.logit > $1.logit }
  } else {
    left.sort { $0.id < $1.id }
    wanted.sort { $0.id < $1.id }
    guard zip(left, wanted).allSatisfy({ $0.id == $1.id }) else {
      return "\(left.map(\.id)) are left, not \(wanted.map(\.id))"
    }
  }
  let shift = wanted.map { Double($0.logit) }.max() ?? 0
  let sum = wanted.reduce(0) { $0 + exp(Double($1.logit) - shift) }
  for (found, wanted) in zip(left, wanted) {
    let logit = Double(wanted.logit)
    let isNear = abs(Double(found.logit) - logit) <= tolerance * (1 + abs(logit)) || abs(logit) > largest
    if !isNear { return "token \(found.id) has logit \(found.logit), not \(logit)" }
    let probability = exp(logit - shift) / sum
    guard abs(Double(found.probability) - probability) <= (2e-5 + tolerance) * probability + 1e-9 else {
      return "token \(found.id) has probability \(found.probability), not \(probability)"
    }
  }
  return nil
}

/// Runs the cases of one stage on its own.
private func compare(
  _ cases: [Recording.Case], _ name: String, adding extra: [String: ParameterValue] = [:]
) throws {
  #expect(cases.count >= 200)
  for (number, example) in cases.enumerated() {
    let row = try #require(example.row).logits
    var parameters = example.parameters.merging(extra) { own, _ in own }
    if !example.breakers.isEmpty { parameters["dry_sequence_breakers"] = .sequences(example.breakers) }
    var candidates = try loaded(row)
    if let world = example.world {
      // Candidates that are not the whole vocabulary, as a plugin may leave them.
      candidates.ids = world
      candidates.isDense = false
    }
    let size = example.world == nil ? example.count : 1 << 20
    if var stage = try stage(name, parameters, vocabularySize: size) {
      for token in example.history { stage.accept(token) }
      try stage.apply(to: &candidates)
    }
    let isDynamic = parameters["dynatemp_range"].map { $0 != .number(0) } ?? false
    let difference = try difference(
      candidates, from: #require(example.outcome), of: row, ids: example.world,
      tolerance: isDynamic ? 2e-5 : 1e-6, largest: isDynamic ? 1e3 : 1e5)
    #expect(difference == nil, "\(name) case \(number), \(example.parameters)")
  }
}

@Suite("Samplers against the libraries that they follow") struct ReferenceTests {
  @Test(
    "A stage leaves the candidates, logits and probabilities that llama.cpp leaves",
    arguments: [
      "top_k", "top_p", "min_p", "typ_p", "top_n_sigma", "temperature", "xtc", "penalties", "dry",
      "logit_bias",
    ])
  func llama(name: String) throws { try compare(Recording.llama.get().cases(name), name) }

  @Test("Sequence breakers limit dry as they do in llama.cpp")
  func breakers() throws { try compare(Recording.llama.get().cases("dry_breakers"), "dry") }

  @Test(
    "A stage leaves the candidates, logits and probabilities that transformers leaves",
    arguments: [
      "temperature", "top_k", "top_p", "min_p", "typ_p", "epsilon_cutoff", "eta_cutoff", "penalties",
      "no_repeat_ngram", "logit_bias",
    ])
  func transformers(name: String) throws {
    var extra: [String: ParameterValue] = [:]
    if ["top_k", "typ_p"].contains(name) { extra["keep_ties"] = .integer(1) }
    if name == "penalties" { extra["penalty_last_n"] = .integer(-1) }
    try compare(Recording.transformers.get().cases(name), name, adding: extra)
  }

  @Test(
    "A stage that picks follows llama.cpp over several steps",
    arguments: ["mirostat", "mirostat_v2", "adaptive_p"])
  func selecting(name: String) throws {
    let cases = try Recording.llama.get().cases(name)
    #expect(cases.count >= 200)
    for (number, example) in cases.enumerated() {
      var stage = try #require(try stage(name, example.parameters, vocabularySize: example.count))
      for step in example.steps {
        let row = step.row.logits
        var candidates = try loaded(row)
        try drive(&stage, &candidates, picking: TokenID(rawValue: step.selected))
        let difference = try difference(candidates, from: step.outcome, of: row, tolerance: 2e-5)
        #expect(difference == nil, "\(name) case \(number)")
      }
    }
  }

  /// One step of a selecting stage with the reference's pick instead of its own.
  private func drive(
    _ stage: inout any SamplerStage, _ candidates: inout Candidates, picking token: TokenID
  ) throws {
    switch stage {
    case var mirostat as Mirostat:
      try mirostat.truncate(&candidates)
      try candidates.computeProbabilities()
      mirostat.pick(&candidates, try #require(candidates.index(of: token)))
      stage = mirostat
    case var mirostat as MirostatV2:
      try mirostat.truncate(&candidates)
      mirostat.pick(&candidates, try #require(candidates.index(of: token)))
      stage = mirostat
    case var adaptive as AdaptiveP:
      try adaptive.transform(&candidates)
      adaptive.pick(&candidates, try #require(candidates.index(of: token)))
      stage = adaptive
    default: Issue.record("not a selecting stage")
    }
    stage.accept(token)
  }
}

@Suite("Whole chains against the libraries that they follow") struct ReferenceChainTests {
  /// Runs cases through the chain of a profile, to the distribution before the pick.
  private func compare(_ cases: [Recording.Case], profile: String) throws {
    #expect(cases.count >= 200)
    for (number, example) in cases.enumerated() {
      var settings = SamplerSettings()
      settings.profile = profile
      settings.seed = 1
      var prompt = example.history.count
      for (name, value) in example.parameters {
        if name == "prompt", case .number(let count) = value {
          prompt = min(prompt, Int(count))
        } else {
          try settings.set(name, to: value)
        }
      }
      let effective = try EffectiveSettings([(.request, settings)], vocabularySize: example.count)
      var chain = try SamplerChain(effective.chain, vocabularySize: example.count)
      let row = try #require(example.row).logits
      for token in example.history[..<prompt] { chain.accept(token) }
      _ = try sample(&chain, row)
      for token in example.history[prompt...] { chain.accept(token) }
      if prompt < example.history.count { _ = try sample(&chain, row) }
      let difference = try difference(
        chain.candidates, from: #require(example.outcome), of: row, tolerance: 5e-5)
      #expect(difference == nil, "case \(number), \(example.parameters)")
      let selected = try #require(chain.candidates.selected)
      #expect(chain.candidates.logit(at: selected) > -.infinity)
    }
  }

  @Test("llama.cpp's order leaves what llama.cpp leaves", arguments: ["chain", "default_chain"])
  func llama(name: String) throws { try compare(Recording.llama.get().cases(name), profile: "llama.cpp") }

  @Test(
    "transformers' order leaves what generate's processors leave, with any numbers and with those of two model cards",
    arguments: ["chain", "synthia", "synatra"])
  func transformers(name: String) throws {
    try compare(Recording.transformers.get().cases(name), profile: "transformers")
  }

  @Test("vLLM's order leaves what a statement of its formulas leaves")
  func vllm() throws { try compare(Recording.transformers.get().cases("vllm"), profile: "vllm") }

  @Test("With no numbers given, llama.cpp's profile has common_params_sampling's")
  func defaults() throws {
    let numbers = try #require(try Recording.llama.get().cases("default_chain").first?.parameters)
    let effective = try EffectiveSettings([], vocabularySize: 100)
    for (name, value) in numbers where name != "logit_bias" {
      guard case .number(let wanted) = value else { continue }
      let found = try #require(effective.settings.first { $0.name == name }?.value)
      #expect(abs((Double(found) ?? .nan) - wanted) < 1e-6, "\(name)")
    }
  }
}
