import Inference
import Testing

@Suite("Llama networks against transformers")
struct LlamaTests {
  @Test("The logits of every position are those of transformers", arguments: TinyModel.names)
  func logits(name: String) throws {
    let tiny = try TinyModel(name)
    let found = try tiny.load().allLogits(tiny.tokens)
    try #require(found.count == tiny.logits.count)
    let differences = zip(found, tiny.logits).map { abs($0 - $1) }
    let largest = try #require(differences.max())
    #expect(largest < 1e-3, "largest difference \(largest)")
    let mean = differences.reduce(0, +) / Float(differences.count)
    #expect(mean < 1e-4, "mean difference \(mean)")
  }
}
