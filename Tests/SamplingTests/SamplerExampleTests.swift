import Foundation
import Testing
import Tokens

@testable import Sampling

/// Each sampler on distributions that are small enough to compute by hand from its published definition.
@Suite("Samplers on examples by hand") struct SamplerExampleTests {
  /// The tokens that a stage leaves of a distribution, after a history.
  private func left(
    _ name: String, _ values: [String: ParameterValue], of probabilities: [Double],
    after history: [TokenID] = []
  ) throws -> [Int: Float] {
    var candidates = try loaded(probabilities.map { Float(log($0)) })
    if var stage = try stage(name, values, vocabularySize: probabilities.count) {
      for token in history { stage.accept(token) }
      try stage.apply(to: &candidates)
    }
    var result: [Int: Float] = [:]
    for index in 0..<candidates.count where candidates.logit(at: index) > -.infinity {
      result[candidates.id(at: index).index] = candidates.logit(at: index)
    }
    return result
  }

  private func kept(
    _ name: String, _ values: [String: ParameterValue], of probabilities: [Double],
    after history: [TokenID] = []
  ) throws -> Set<Int> {
    Set(try left(name, values, of: probabilities, after: history).keys)
  }

  let steep = [0.5, 0.25, 0.15, 0.06, 0.04]

  @Test("top_k counts, and with ties keeps what equals the last one")
  func topK() throws {
    let tied = [0.4, 0.2, 0.2, 0.1, 0.1]
    #expect(try kept("top_k", ["top_k": .integer(2)], of: tied) == [0, 1])
    #expect(try kept("top_k", ["top_k": .integer(2), "keep_ties": .integer(1)], of: tied) == [0, 1, 2])
    #expect(try kept("top_k", ["top_k": .integer(9)], of: tied).count == 5)
    #expect(try kept("top_k", ["top_k": .integer(0)], of: tied).count == 5)
  }

  @Test("top_p keeps the fewest that reach the mass")
  func topP() throws {
    #expect(try kept("top_p", ["top_p": .number(0.4)], of: steep) == [0])
    #expect(try kept("top_p", ["top_p": .number(0.7)], of: steep) == [0, 1])
    #expect(try kept("top_p", ["top_p": .number(0.8)], of: steep) == [0, 1, 2])
    #expect(try kept("top_p", ["top_p": .number(0)], of: steep) == [0])
  }

  @Test("min_p compares with the best one")
  func minP() throws {
    // The bound is 0.5 · 0.2 = 0.1.
    #expect(try kept("min_p", ["min_p": .number(0.2)], of: steep) == [0, 1, 2])
    #expect(try kept("min_p", ["min_p": .number(1)], of: steep) == [0])
  }

  @Test("Typical sampling may drop the most probable one")
  func typical() throws {
    // Entropy 1.28 nats; the surprises are 0.69, 1.39, 1.90, …: 0.25 is closest, then 0.5, then 0.15.
    #expect(try kept("typ_p", ["typical_p": .number(0.2)], of: steep) == [1])
    #expect(try kept("typ_p", ["typical_p": .number(0.7)], of: steep) == [0, 1])
    #expect(try kept("typ_p", ["typical_p": .number(0.85)], of: steep) == [0, 1, 2])
  }

  @Test("XTC leaves the least probable of the top choices")
  func xtc() throws {
    let always: [String: ParameterValue] = ["xtc_probability": .number(1)]
    #expect(try kept("xtc", always.merging(["xtc_threshold": .number(0.1)]) { $1 }, of: steep) == [2, 3, 4])
    #expect(try kept("xtc", always.merging(["xtc_threshold": .number(0.3)]) { $1 }, of: steep).count == 5)
  }

  @Test("Epsilon is a fixed bound, eta falls with the entropy")
  func cutoffs() throws {
    #expect(try kept("epsilon_cutoff", ["epsilon_cutoff": .number(0.1)], of: steep) == [0, 1, 2])
    #expect(try kept("epsilon_cutoff", ["epsilon_cutoff": .number(0.9)], of: steep) == [0])
    // √0.05 · exp(-1.28) = 0.062, above 0.05; √0.4 · exp(-1.28) = 0.176, below 0.4.
    #expect(try kept("eta_cutoff", ["eta_cutoff": .number(0.05)], of: steep) == [0, 1, 2, 3])
    #expect(try kept("eta_cutoff", ["eta_cutoff": .number(0.4)], of: steep) == [0, 1])
  }

  @Test("Top-nσ cuts at a distance from the highest logit")
  func topNSigma() throws {
    // Logits 0, -0.69, -1.20, -2.12, -2.53 below the best: their deviation is 0.93.
    #expect(try kept("top_n_sigma", ["top_n_sigma": .number(1)], of: steep) == [0, 1])
    #expect(try kept("top_n_sigma", ["top_n_sigma": .number(2)], of: steep) == [0, 1, 2])
  }

  @Test("Temperature is an exponent of probabilities")
  func temperature() throws {
    let halved = try left("temperature", ["temperature": .number(0.5)], of: [0.8, 0.2])
    let odds = exp(Double(try #require(halved[0])) - Double(try #require(halved[1])))
    #expect(abs(odds - 16) < 1e-4)
    #expect(try kept("temperature", ["temperature": .number(0)], of: steep) == [0])
  }

  @Test("A repeated n-gram is banned at its last token")
  func noRepeatNgram() throws {
    let even = [Double](repeating: 0.25, count: 4)
    // "1 2" was followed by 3, and "2" by 3 and by 0.
    let history: [TokenID] = [1, 2, 3, 2, 0, 1, 2]
    #expect(
      try kept("no_repeat_ngram", ["no_repeat_ngram_size": .integer(3)], of: even, after: history) == [
        0, 1, 2,
      ])
    #expect(
      try kept("no_repeat_ngram", ["no_repeat_ngram_size": .integer(2)], of: even, after: history) == [1, 2])
    #expect(
      try kept("no_repeat_ngram", ["no_repeat_ngram_size": .integer(1)], of: even, after: [1, 2]) == [0, 3])
  }

  @Test("DRY's penalty grows by its base with every repeated token")
  func dry() throws {
    let even = [Double](repeating: 0.25, count: 4)
    let values: [String: ParameterValue] = [
      "dry_multiplier": .number(1), "dry_base": .number(2), "dry_allowed_length": .integer(2),
    ]
    // After "0 1 2 3 … 0 1 2" the token 3 would extend a repetition of three: 1 · 2^(3 - 2).
    let logits = try left("dry", values, of: even, after: [0, 1, 2, 3, 3, 0, 1, 2])
    let others = try #require(logits[1])
    #expect(abs(others - (try #require(logits[3])) - 2) < 1e-5)
    #expect(logits[0] == others && logits[2] == others)
    // A breaker inside the repetition shortens it to two: 1 · 2^0.
    let broken = values.merging(["dry_sequence_breakers": .sequences([[0]])]) { $1 }
    let shorter = try left("dry", broken, of: even, after: [0, 1, 2, 3, 3, 0, 1, 2])
    #expect(abs(others - (try #require(shorter[3])) - 1) < 1e-5)
  }

  @Test("Biases add, and minus infinity bans")
  func logitBias() throws {
    let biases = ParameterValue.biases([
      TokenBias(token: 0, bias: -.infinity), TokenBias(token: 1, bias: 2), TokenBias(token: 1, bias: 1),
    ])
    let logits = try left("logit_bias", ["logit_bias": biases], of: [0.5, 0.25, 0.25])
    #expect(Set(logits.keys) == [1, 2])
    #expect(abs((try #require(logits[1])) - (try #require(logits[2])) - 3) < 1e-6)
  }

  @Test("Mirostat's bound starts at twice the target and moves by the rate times the error")
  func surpriseBound() {
    var bound = SurpriseBound(.init(target: 3, rate: 0.5))
    #expect(bound.bits == 6)
    // A pick of probability 1/32 has 5 bits, 2 more than the target.
    bound.move(picked: 1 / 32)
    #expect(bound.bits == 5)
    bound.move(picked: 1)
    #expect(bound.bits == 6.5)
    bound.reset()
    #expect(bound.bits == 6)
  }
}
