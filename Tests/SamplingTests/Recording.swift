import Foundation
import TestSupport
import Tokens

@testable import Sampling

/// Cases recorded from another implementation by the scripts in `Fixtures`.
struct Recording: Decodable {
  /// Logits, made by both sides from a few numbers.
  struct Row: Decodable {
    var seed: UInt64
    var count: Int
    var spread: Double
    var step: Double?
    var banned: UInt64?

    /// Uniform in ±spread; in steps (so that there are ties) and with banned ones, where the case says so.
    var logits: [Float] {
      var random = SplitMix64(state: seed)
      return (0..<count).map { index in
        let bits = random.next()
        if let banned, bits & 7 < banned, UInt64(index) != seed % UInt64(count) { return -.infinity }
        var x = (Double(bits >> 40) / Double(1 << 24) - 0.5) * 2 * spread
        if let step { x = (x / step).rounded(.down) * step }
        return Float(x)
      }
    }
  }

  /// Candidates left, and their logits.
  struct Outcome: Decodable {
    /// The tokens, or one bit for each token of the row in hexadecimal bytes.
    enum Kept: Decodable {
      case ids([Int])
      case bits(String)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let bits = try? container.decode(String.self) {
          self = .bits(bits)
        } else {
          self = .ids(try container.decode([Int].self))
        }
      }
    }

    private var kept: Kept
    private var logits: Data?
    /// Whether another choice among equal logits would have been as right.
    var ties: Bool?

    /// Places in the row and logits.
    func candidates(of row: [Float]) -> [(place: Int, logit: Float)] {
      var places: [Int] = []
      switch kept {
      case .ids(let ids): places = ids
      case .bits(let hexadecimal):
        for (index, digits) in hexadecimal.utf8.enumerated() {
          let value = digits < 58 ? digits - 48 : digits - 87
          let first = index / 2 * 8 + (index % 2 == 0 ? 4 : 0)
          places += (0..<4).filter { value >> $0 & 1 == 1 }.map { first + $0 }
        }
        places.sort()
      }
      guard let logits else { return places.map { ($0, row[$0]) } }
      let words = logits.withUnsafeBytes { bytes in
        (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
      }
      return zip(places, words).map { ($0, Float(bitPattern: UInt32(littleEndian: $1))) }
    }
  }

  struct Step: Decodable {
    var row: Row
    var outcome: Outcome
    var selected: Int32

    enum Keys: CodingKey { case selected }

    init(from decoder: any Decoder) throws {
      row = try Row(from: decoder)
      outcome = try Outcome(from: decoder)
      selected = try decoder.container(keyedBy: Keys.self).decode(Int32.self, forKey: .selected)
    }
  }

  struct Case: Decodable {
    var parameters: [String: ParameterValue]
    var history: [TokenID]
    /// Those of one step; nil for a series.
    var row: Row?
    var outcome: Outcome?
    /// Those of a series.
    var count: Int
    var steps: [Step]
    /// The ids of the candidates, where they are not the whole vocabulary, and sequence breakers.
    var world: [Int32]?
    var breakers: [[TokenID]]

    enum Keys: CodingKey { case parameters, history, count, steps, world, breakers }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      parameters = try container.decode([String: Parameter].self, forKey: .parameters).mapValues(\.value)
      let tokens = try container.decodeIfPresent([Int32].self, forKey: .history) ?? []
      history = tokens.map(TokenID.init(rawValue:))
      count = try container.decode(Int.self, forKey: .count)
      steps = try container.decodeIfPresent([Step].self, forKey: .steps) ?? []
      if steps.isEmpty {
        row = try Row(from: decoder)
        outcome = try Outcome(from: decoder)
      }
      world = try container.decodeIfPresent([Int32].self, forKey: .world)
      let sequences = try container.decodeIfPresent([[Int32]].self, forKey: .breakers) ?? []
      breakers = sequences.map { $0.map(TokenID.init(rawValue:)) }
    }
  }

  private struct Parameter: Decodable {
    var value: ParameterValue

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = .number(number)
      } else {
        let pairs = try container.decode([[Double]].self)
        value = .biases(pairs.map { TokenBias(token: TokenID(Int($0[0])), bias: Float($0[1])) })
      }
    }
  }

  private struct Stage: Decodable {
    var stage: String
    var cases: [Case]
  }

  private var stages: [Stage]

  /// Recorded from llama.cpp's samplers.
  static let llama = Result { try Recording(named: "llama.json.xz") }
  /// Recorded from transformers' processors; the cases `vllm` are from a statement of vLLM's formulas.
  static let transformers = Result { try Recording(named: "transformers.json.xz") }

  private init(named name: String) throws {
    let path = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures/" + name
    self = try JSONDecoder().decode(Recording.self, from: PackedFile.contents(of: path))
  }

  /// The cases of a stage.
  func cases(_ stage: String) -> [Case] { stages.filter { $0.stage == stage }.flatMap(\.cases) }

  /// The logits that the scripts make from the same numbers.
  static func logits(seed: UInt64, count: Int, spread: Double) -> [Float] {
    Row(seed: seed, count: count, spread: spread).logits
  }
}
