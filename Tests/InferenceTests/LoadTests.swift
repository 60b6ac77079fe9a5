import ModelFormats
import Testing

@testable import Inference

@Suite("Loading")
struct LoadTests {
  @Test("An architecture that is not known is refused with the known ones")
  func unknownArchitecture() throws {
    var writer = GGUFWriter(copying: try TinyModel("tied").file)
    writer.set("general.architecture", .string(Array("mamba".utf8)))
    let file = try writer.open()
    #expect(throws: InferenceError.unknownArchitecture(found: "mamba", known: ["llama"])) {
      try LanguageModel.load(file: file)
    }
  }

  static let shapes: [(String, [Int]?)] = [
    ("token_embd.weight", nil), ("token_embd.weight", [32, 63]), ("token_embd.weight", [31, 64]),
    ("token_embd.weight", [2048]), ("output_norm.weight", nil), ("output_norm.weight", [33]),
    ("blk.0.attn_q.weight", nil), ("blk.0.attn_q.weight", [64, 32]), ("blk.0.attn_q.weight", [32, 32]),
    ("blk.1.attn_k.weight", [32, 64]), ("blk.1.attn_v.weight", [32, 31]),
    ("blk.1.attn_output.weight", [32, 64]), ("blk.1.ffn_gate.weight", [32, 47]),
    ("blk.1.ffn_up.weight", [32, 48, 2]), ("blk.1.ffn_down.weight", nil), ("blk.0.attn_norm.weight", [1]),
    ("blk.0.attn_q.bias", [3]), ("output.weight", [32, 32]), ("rope_freqs.weight", [4]),
    ("rope_freqs.weight", [8]),
  ]

  @Test("A tensor that is absent or has another shape is refused by its name", arguments: shapes.indices)
  func shape(index: Int) throws {
    let (name, shape) = Self.shapes[index]
    var writer = GGUFWriter(copying: try TinyModel("tied").file)
    writer.reshape(name, shape)
    let file = try writer.open()
    let error = #expect(throws: InferenceError.self) { try LanguageModel.load(file: file) }
    guard case .tensor(let found, _, _) = error else {
      Issue.record("not a tensor error: \(String(describing: error))")
      return
    }
    #expect(found == name)
  }

  @Test("A shape with trailing ones is the same shape")
  func trailingOnes() throws {
    var writer = GGUFWriter(copying: try TinyModel("tied").file)
    writer.reshape("blk.0.attn_q.weight", [32, 64, 1, 1])
    _ = try LanguageModel.load(file: try writer.open())
  }

  @Test("Progress counts every tensor up to the whole, and can stop the load")
  func progress() throws {
    let file = try TinyModel("tied").file
    var seen: [LoadProgress] = []
    _ = try LanguageModel.load(file: file) { progress in
      seen.append(progress)
      return true
    }
    #expect(seen.count == 20)
    let bytes = file.tensors.values.reduce(0) { $0 + $1.byteCount }
    #expect(seen.last == LoadProgress(tensors: 20, tensorCount: 20, bytes: bytes, byteCount: bytes))
    #expect(seen.last?.fraction == 1)
    #expect(seen.map(\.fraction) == seen.map(\.fraction).sorted())
    #expect(throws: InferenceError.cancelled) {
      try LanguageModel.load(file: file) { $0.tensors < 5 }
    }
  }

  @Test("The estimate is what the loaded model has")
  func estimate() throws {
    let tiny = try TinyModel("yarn")
    let options = LoadOptions(threads: 1, cache: .positions(100))
    let estimate = try MemoryEstimate(file: tiny.file, options: options)
    let model = try LanguageModel.load(file: tiny.file, options: options)
    #expect(model.estimate == estimate)
    #expect(estimate.cacheBytesPerPosition == 2 * 2 * 2 * 16 * 4)
    #expect(model.cacheCapacity == 128)
    #expect(model.contextLength == 128)
    #expect(model.vocabularySize == 64)
  }

  @Test("Options outside their range are refused by name")
  func options() throws {
    let file = try TinyModel("tied").file
    let wrong: [(LoadOptions, String)] = [
      (LoadOptions(threads: 0), "threads"), (LoadOptions(threads: 100_000), "threads"),
      (LoadOptions(threads: max(16, 4 * System.availableCores()) + 1), "threads"),
      (LoadOptions(contextLength: 0), "context_length"), (LoadOptions(contextLength: 129), "context_length"),
      (LoadOptions(cache: .positions(0)), "cache"), (LoadOptions(cache: .bytes(1)), "cache_bytes"),
    ]
    for (options, name) in wrong {
      let error = #expect(throws: InferenceError.self) {
        try LanguageModel.load(file: file, options: options)
      }
      guard case .option(let found, _, _) = error else {
        Issue.record("not an option error: \(String(describing: error))")
        continue
      }
      #expect(found == name)
    }
  }

  @Test("An error names the option as it is typed, and sizes in units")
  func messages() {
    let option = InferenceError.option(name: "context_length", found: "10", expected: "1 to 8")
    #expect("\(option)" == "context_length is 10; it must be 1 to 8")
    let memory = InferenceError.memory(
      purpose: "the weights", bytes: 72_736_874_496, limit: 18_766_565_376)
    #expect("\(memory)" == "not enough memory for the weights: 67.7 GiB needed, 17.5 GiB available")
    for (bytes, text) in [(1023, "1023 bytes"), (1024, "1.0 KiB"), (Int.max, "8388608.0 TiB")] {
      #expect("\(ByteCount(bytes))" == text)
    }
  }

  @Test("A context that the cache cannot hold is refused with the limit; an unstated one shrinks to it")
  func contextAndCache() throws {
    let file = try TinyModel("tied").file
    let error = #expect(throws: InferenceError.self) {
      try LanguageModel.load(file: file, options: LoadOptions(contextLength: 128, cache: .positions(64)))
    }
    guard case .memory(_, let bytes, .some(let limit)) = error else {
      Issue.record("not a memory error: \(String(describing: error))")
      return
    }
    #expect(bytes == 2 * limit)
    #expect(throws: InferenceError.self) {
      try LanguageModel.load(file: file, options: LoadOptions(cache: .positions(.max)))
    }
    let large = #expect(throws: InferenceError.self) {
      try LanguageModel.load(file: file, options: LoadOptions(cache: .bytes(1 << 50)))
    }
    #expect("\(String(describing: large))".contains("a cache of this size"))
    let model = try LanguageModel.load(file: file, options: LoadOptions(cache: .positions(64)))
    #expect(model.contextLength == 64)
  }
}
