import Foundation
import Inference
import ModelFormats
import Testing
import Tokens

/// Compares with logits that numpy computed in double precision from the same weights; see `record_fidelity.py`.
@Suite("Fidelity to the exact logits")
struct FidelityTests {
  struct Recording: Decodable {
    struct Network: Decodable {
      /// Mean KL divergence of llama.cpp's logits from `logits`, in nats.
      var llamaCppDivergence: Double
      /// tokens × vocabulary floats, in base64.
      var logits: Data
    }
    var tokens: [Int]
    var types: [String: Network]
  }

  /// Ours may diverge by as much as llama.cpp, times this: both round activations to 8 bits, each with errors of its
  /// own, and a mean of 64 tokens varies by that much.
  static let tolerance = 1.25

  let recording: Recording

  init() throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    recording = try decoder.decode(
      Recording.self, from: Data(contentsOf: folder.appendingPathComponent("fidelity.json")))
  }

  @Test(
    "Logits diverge from the exact ones no more than llama.cpp's do, for every weight type",
    arguments: TensorType.allCases)
  func divergence(type: TensorType) throws {
    let expected = try #require(recording.types[type.name])
    let exact = expected.logits.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    let model = try LanguageModel.load(
      file: FidelityModel(type: type).open(), options: LoadOptions(threads: 2, cache: .positions(64)))
    let found = try model.allLogits(recording.tokens.map { TokenID($0) })
    try #require(found.count == exact.count && found.count == recording.tokens.count * model.vocabularySize)
    let size = model.vocabularySize
    let total = recording.tokens.indices.reduce(0.0) { sum, row in
      let range = row * size..<(row + 1) * size
      return sum + divergence(of: found[range], from: exact[range])
    }
    let mean = total / Double(recording.tokens.count)
    #expect(
      mean <= expected.llamaCppDivergence * Self.tolerance,
      "\(type.name): \(mean), llama.cpp \(expected.llamaCppDivergence)")
  }

  /// The KL divergence of the distribution that logits stand for, in nats.
  private func divergence(of logits: ArraySlice<Float>, from exact: ArraySlice<Float>) -> Double {
    zip(logProbabilities(exact), logProbabilities(logits)).reduce(0.0) { $0 + exp($1.0) * ($1.0 - $1.1) }
  }

  private func logProbabilities(_ logits: ArraySlice<Float>) -> [Double] {
    let highest = Double(logits.max() ?? 0)
    let sum = logits.reduce(0.0) { $0 + exp(Double($1) - highest) }
    return logits.map { Double($0) - highest - log(sum) }
  }
}
