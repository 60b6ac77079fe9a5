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

  @Test("A cache of half precision stays near, and one of single precision is the default for F32 weights")
  func cacheTypes() throws {
    let tiny = try TinyModel("tied")
    let exact = try tiny.load()
    #expect(exact.configuration.cacheType == .f32)
    let half = try LanguageModel.load(
      file: tiny.file, options: LoadOptions(threads: 2, cache: .positions(1024), cacheType: .f16))
    #expect(2 * half.estimate.cacheBytesPerPosition == exact.estimate.cacheBytesPerPosition)
    let found = try half.allLogits(tiny.tokens)
    let differences = zip(found, tiny.logits).map { abs($0 - $1) }
    #expect(try #require(differences.max()) < 0.05)
    #expect(found != tiny.logits)
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
