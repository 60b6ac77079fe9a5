import Inference
import ModelFormats
import TestSupport
import Testing
import Tokens

import class Foundation.Bundle
import struct Foundation.Data
import class Foundation.JSONDecoder

@Suite("Checkpoints of transformers, converted")
struct CheckpointConversionTests {
  /// What llama.cpp makes of the converted file; `record_conversions.py` wrote it.
  private struct Recording: Decodable {
    /// How many of the reference's tokens come first, and the likeliest ones that llama.cpp adds.
    let prompt: Int
    let greedy: [Int]
  }

  private static func recordings() throws -> [String: [Recording]] {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/conversions", withExtension: "json"))
    return try JSONDecoder().decode([String: [Recording]].self, from: try Data(contentsOf: url))
  }

  /// The new file of a checkpoint, with weights of the checkpoint's own type.
  private func convert(_ file: ModelFile, to type: WeightType?) throws -> ModelFile {
    let own = file.tensors["token_embd.weight"]?.type
    let target = try #require(type ?? WeightType.allCases.first { $0.tensorType == own })
    let converter = try ModelConverter(file: file, metadata: file.metadata, to: target, threads: 2)
    var bytes: [UInt8] = []
    while let piece = try converter.next() { bytes += piece }
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try ModelFile.open(path: try folder.write("model.gguf", bytes))
  }

  private func load(_ file: ModelFile, quantize: WeightType? = nil) throws -> LanguageModel {
    try LanguageModel.load(
      file: file,
      options: LoadOptions(threads: 2, cache: .positions(1024), cacheType: .f32, quantize: quantize))
  }

  private func greedy(_ model: LanguageModel, after prompt: some Sequence<Int>, count: Int) throws -> [Int] {
    let cache = model.makeCache()
    var next = prompt.map { TokenID($0) }
    var greedy: [Int] = []
    while greedy.count < count {
      let row = try model.logits(cache, next)
      let best = try #require(row.indices.max { row[$0] < row[$1] })
      greedy.append(best)
      next = [TokenID(best)]
    }
    return greedy
  }

  @Test("The new file gives the logits of the folder, value by value", arguments: CheckpointTests.checkpoints)
  func logits(name: String) throws {
    let checkpoint = try ReferenceCheckpoint(name)
    let new = try convert(checkpoint.file, to: nil)
    let tokens = checkpoint.reference.tokens.map { TokenID($0) }
    #expect(try load(new).allLogits(tokens) == checkpoint.load().allLogits(tokens))
  }

  @Test(
    "The new file gives llama.cpp's greedy tokens here, which are those of transformers",
    arguments: CheckpointTests.checkpoints)
  func llamaCpp(name: String) throws {
    let checkpoint = try ReferenceCheckpoint(name)
    let model = try load(try convert(checkpoint.file, to: .f32))
    let recordings = try #require(try Self.recordings()[name])
    #expect(!recordings.isEmpty)
    for one in recordings {
      let prompt = checkpoint.reference.tokens.prefix(one.prompt)
      #expect(try greedy(model, after: prompt, count: one.greedy.count) == one.greedy)
      if one.prompt == checkpoint.reference.prompt { #expect(one.greedy == checkpoint.reference.greedy) }
    }
  }

  @Test("Quantised, the new file gives what quantising the folder while loading does")
  func quantised() throws {
    for name in ["mistral_safetensors", "mistral_bin", "mistral_shards", "llama_shards"] {
      let checkpoint = try ReferenceCheckpoint(name)
      // The embeddings stay in the folder's files as they are, so that only the rest is the same.
      let new = try convert(checkpoint.file, to: .q80)
      let folder = try load(checkpoint.file, quantize: .q80)
      #expect(folder.quantizedType == .q80)
      for (name, tensor) in new.tensors where tensor.shape.count == 2 && tensor.columns.isMultiple(of: 32) {
        #expect(tensor.type == .q80, "\(name)")
      }
      #expect(try load(new).estimate.weightBytes == folder.estimate.weightBytes)
    }
  }

  @Test("Metadata stays, and biases of queries are in the order of GGUF as the rows are") func parts() throws
  {
    let file = try ReferenceCheckpoint("llama_shards").file
    let new = try convert(file, to: .f32)
    #expect(new.metadata.integer("llama.attention.head_count_kv") == 2)
    #expect(new.metadata.string("llama.rope.scaling.type") == "linear")
    for name in ["blk.0.attn_q.bias", "blk.1.attn_k.bias", "blk.0.attn_v.bias", "blk.1.attn_q.weight"] {
      let (old, copy) = (try #require(file.tensors[name]), try #require(new.tensors[name]))
      #expect(old.withBytes { Array($0) } == copy.withBytes { Array($0) }, "\(name)")
    }
    let window = try convert(try ReferenceCheckpoint("mistral_safetensors").file, to: .f32)
    #expect(window.metadata.integer("llama.attention.sliding_window") == 64)
  }
}
