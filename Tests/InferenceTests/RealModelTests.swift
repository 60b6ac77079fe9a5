import Foundation
import Inference
import ModelFormats
import Testing
import Tokens

/// Compares with what llama.cpp gave for the same file; see `record_llama_cpp.py`.
@Suite("A real model against llama.cpp")
struct RealModelTests {
  struct Reference: Decodable {
    struct Greedy: Decodable {
      var prompt: String
      var promptIds: [Int]
      /// What follows when the same weights are F32, so that activations are not quantised.
      var exactIds: [Int]
    }
    var model: String
    var greedy: [Greedy]
    var textIds: [Int]
    var meanNegativeLogLikelihood: Double
    var perplexity: Double
  }

  static let path = ProcessInfo.processInfo.environment["WORKBENCH_TEST_MODEL"]
  static let reason: Comment =
    "WORKBENCH_TEST_MODEL is not set: it names the file SmolLM2-135M-Instruct.Q4_1.gguf"

  let reference: Reference

  init() throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
    let data = try Data(contentsOf: folder.appendingPathComponent("smollm2_llama_cpp.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    reference = try decoder.decode(Reference.self, from: data)
  }

  private func load() throws -> LanguageModel {
    try LanguageModel.load(
      file: try ModelFile.open(path: try #require(Self.path)),
      options: LoadOptions(cache: .positions(2048)))
  }

  /// The index of the largest logit.
  private func best(_ logits: UnsafeBufferPointer<Float>) -> Int {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    return best
  }

  /// What follows a prompt when the likeliest token is always taken.
  private func greedy(_ model: LanguageModel, _ prompt: [Int], count: Int) throws -> [Int] {
    let cache = model.makeCache()
    var next = prompt.map { TokenID($0) }
    var ids: [Int] = []
    for _ in 0..<count {
      let slot = BatchSlot(cache: cache, tokens: next[...], wantsLogits: true)
      let logits = try #require(try model.forward([slot]).first ?? nil)
      let likeliest = best(logits)
      ids.append(likeliest)
      next = [TokenID(likeliest)]
    }
    return ids
  }

  @Test(
    "Greedy text of the weights in single precision is llama.cpp's to the last token",
    .enabled(if: path != nil, reason))
  func exactGreedy() throws {
    var writer = GGUFWriter(copying: try ModelFile.open(path: try #require(Self.path)))
    writer.widen()
    let exact = try LanguageModel.load(
      file: try writer.open(), options: LoadOptions(cache: .positions(2048)))
    for prompt in reference.greedy {
      let ids = try greedy(exact, prompt.promptIds, count: prompt.exactIds.count)
      #expect(ids == prompt.exactIds, "\(prompt.prompt)")
    }
  }

  @Test(
    "Logits depend neither on how tokens are spread over calls nor on company",
    .enabled(if: path != nil, reason))
  func independence() throws {
    let model = try load()
    let tokens = reference.textIds.prefix(300).map { TokenID($0) }
    func logits(_ cache: KVCache, _ tokens: ArraySlice<TokenID>) throws -> [Float] {
      let slot = BatchSlot(cache: cache, tokens: tokens, wantsLogits: true)
      return Array(try #require(try model.forward([slot])[0]))
    }
    let whole = try logits(model.makeCache(), tokens[...])
    let (cache, other) = (model.makeCache(), model.makeCache())
    for (start, end) in [(0, 1), (1, 8), (8, 100), (100, 255), (255, 258), (258, 299)] {
      let company = BatchSlot(cache: other, tokens: tokens[start..<start + 3], wantsLogits: true)
      let slot = BatchSlot(cache: cache, tokens: tokens[start..<end], wantsLogits: false)
      _ = try model.forward([company, slot])
    }
    #expect(try logits(cache, tokens[299...]) == whole)
  }

  @Test(
    "The perplexity of 2,000 tokens is within 1 % of llama.cpp's", .enabled(if: path != nil, reason))
  func perplexity() throws {
    let model = try load()
    let tokens = reference.textIds.map { TokenID($0) }
    var total = 0.0
    try model.forwardAll(BatchSlot(cache: model.makeCache(), tokens: tokens[...], wantsLogits: true)) {
      index, logits in
      guard index + 1 < tokens.count else { return }
      let highest = logits[best(logits)]
      var sum = 0.0
      for value in logits { sum += Double(expf(value - highest)) }
      total -= Double(logits[tokens[index + 1].index] - highest) - log(sum)
    }
    let perplexity = exp(total / Double(tokens.count - 1))
    print("perplexity: \(perplexity), llama.cpp \(reference.perplexity)")
    #expect(abs(perplexity / reference.perplexity - 1) < 0.01)
  }

  @Test("Packed weights stay within 1.15 times the file", .enabled(if: path != nil, reason))
  func memory() throws {
    let model = try load()
    let file = try ModelFile.open(path: try #require(Self.path))
    #expect(Double(model.estimate.weightBytes) <= 1.15 * Double(file.byteCount))
  }
}
