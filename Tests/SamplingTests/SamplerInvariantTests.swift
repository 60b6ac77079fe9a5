import Testing
import Tokens

@testable import Sampling

@Suite("What holds of every built-in sampler") struct SamplerInvariantTests {
  /// The samplers that only cut, at values that cut something.
  static let cuts: [ChainSpecification.Stage] = [
    .init("top_k", ["top_k": .integer(7)]), .init("top_p", ["top_p": .number(0.6)]),
    .init("min_p", ["min_p": .number(0.2)]), .init("typ_p", ["typical_p": .number(0.5)]),
    .init("top_n_sigma", ["top_n_sigma": .number(0.8)]),
    .init("epsilon_cutoff", ["epsilon_cutoff": .number(0.01)]),
    .init("eta_cutoff", ["eta_cutoff": .number(0.3)]),
    .init("xtc", ["xtc_probability": .number(1), "xtc_threshold": .number(0.05)]),
  ]

  static let rows: [[Float]] = [
    Recording.logits(seed: 1, count: 300, spread: 6), CandidatesTests.tied(2, 300, levels: 5),
    CandidatesTests.tied(3, 64, levels: 1), [0], [-3, -.infinity, 2, -.infinity],
  ]

  /// Ids and logits that a stage leaves of a row, lowest id first.
  private func left(
    _ stage: ChainSpecification.Stage, of row: [Float], sortedFirst: Bool = false
  ) throws -> [Int: Float] {
    var candidates = try loaded(row)
    if sortedFirst { candidates.sort() }
    if var made = try make(stage, row.count) { try made.apply(to: &candidates) }
    var result: [Int: Float] = [:]
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      result[candidates.id(at: index).index] = candidates.logit(at: index)
    }
    return result
  }

  private func make(
    _ stage: ChainSpecification.Stage, _ count: Int
  ) throws(SamplingError) -> (any SamplerStage)? {
    try SamplingTests.stage(stage.name, stage.parameters, vocabularySize: count)
  }

  @Test("A cut leaves some of the candidates, with their logits unchanged", arguments: cuts, rows)
  func subsets(stage: ChainSpecification.Stage, row: [Float]) throws {
    let kept = try left(stage, of: row)
    #expect(!kept.isEmpty && kept.count <= row.count)
    #expect(kept.allSatisfy { row[$0.key] == $0.value })
  }

  @Test("A cut of a sorted list leaves what a cut of the unsorted one leaves", arguments: cuts)
  func order(stage: ChainSpecification.Stage) throws {
    let row = Recording.logits(seed: 4, count: 2000, spread: 7)
    #expect(try left(stage, of: row) == left(stage, of: row, sortedFirst: true))
  }

  @Test("Adding the same number to every logit changes no cut", arguments: cuts)
  func shift(stage: ChainSpecification.Stage) throws {
    // Multiples of 1/8, so that the shifted logits are exact.
    let row = CandidatesTests.tied(5, 400, levels: 64).map { $0 / 8 }
    let shifted = try left(stage, of: row.map { $0 + 16 })
    #expect(try Set(left(stage, of: row).keys) == Set(shifted.keys))
  }

  @Test("min_keep is honoured by every sampler that declares it", arguments: [1, 3, 50, 299, 300, 1000])
  func minimumKept(count: Int) throws {
    let row = Self.rows[0]
    for stage in Self.cuts {
      let descriptor = try #require(SamplerRegistry.builtIn.descriptor(named: stage.name))
      guard descriptor.parameters.contains(where: { $0.name == "min_keep" }) else { continue }
      var stage = stage
      stage.parameters["min_keep"] = .integer(count)
      #expect(try left(stage, of: row).count >= min(count, row.count), "\(stage.name)")
    }
  }

  @Test("A stage at its neutral values is left out of the chain")
  func neutral() throws {
    for descriptor in SamplerRegistry.builtIn.descriptors where !descriptor.selectsToken {
      var values: [String: ParameterValue] = [:]
      for parameter in descriptor.parameters { values[parameter.name] = parameter.neutralValue }
      #expect(!values.isEmpty, "\(descriptor.name) cannot be turned off")
      #expect(try stage(descriptor.name, values, vocabularySize: 10) == nil, "\(descriptor.name)")
    }
  }

  @Test("After a reset a stage does what it did at first; a copy does what its original would do")
  func resetAndCopy() throws {
    let tokens = (0..<40).map { TokenID($0 * 7 % 11) }
    for stage in TraceTests.active + TraceTests.picks {
      let specification = ChainSpecification(stages: [stage], seed: 21)
      var chain = try SamplerChain(specification, vocabularySize: 300)
      func run(_ chain: inout SamplerChain, _ steps: Range<Int>) throws -> [SampledToken] {
        try steps.map { step in
          chain.accept(tokens[step])
          return try sample(&chain, Recording.logits(seed: UInt64(step), count: 300, spread: 4))
        }
      }
      let first = try run(&chain, 0..<20)
      var copy = chain
      let second = try run(&chain, 20..<40)
      #expect(try run(&copy, 20..<40) == second, "\(stage.name)")
      chain.reset()
      #expect(try run(&chain, 0..<20) == first, "\(stage.name)")
    }
  }

  @Test("A drawing stage does not change what the final pick draws")
  func streams() throws {
    func picks(_ stages: [ChainSpecification.Stage]) throws -> [TokenID] {
      var chain = try SamplerChain(ChainSpecification(stages: stages, seed: 8), vocabularySize: 50)
      return try (0..<30).map { _ in try sample(&chain, CandidatesTests.tied(6, 50, levels: 9)).token }
    }
    // It draws at each step; at this threshold it never drops anything of so flat a row.
    let xtc = ChainSpecification.Stage(
      "xtc", ["xtc_probability": .number(1), "xtc_threshold": .number(0.5)])
    #expect(try picks([xtc]) == picks([]))
  }
}
