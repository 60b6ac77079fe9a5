import Inference
import Testing

@Suite("Llama networks against transformers")
struct LlamaTests {
  @Test("The logits of every position are those of transformers", arguments: TinyModel.names.dropLast())
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

  @Test("Quantised weights give what their values give, but for 8-bit activations")
  func quantised() throws {
    let tiny = try TinyModel("quantised")
    let found = try tiny.load().allLogits(tiny.tokens)
    try #require(found.count == tiny.logits.count)
    let error = zip(found, tiny.logits).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let power = tiny.logits.reduce(Float(0)) { $0 + $1 * $1 }
    #expect(error < 0.0025 * power, "relative error \((error / power).squareRoot())")
  }
}
