import Inference
import ModelFormats
import Testing
import Tokens

import class Foundation.Bundle
import struct Foundation.Data
import class Foundation.JSONDecoder
import struct Foundation.URL

/// A tiny checkpoint with what transformers computes for it; `make_checkpoints.py` wrote both.
struct ReferenceCheckpoint {
  struct Reference: Decodable {
    let tokens: [Int]
    /// The likeliest token after each of `tokens`.
    let likeliest: [Int]
    /// Places in `tokens`, and all logits after each of them.
    let positions: [Int]
    let logits: [[Float]]
    /// How many of `tokens` come before `greedy`.
    let prompt: Int
    let greedy: [Int]
  }

  let file: ModelFile
  let reference: Reference

  init(_ name: String) throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent(
      "Fixtures/checkpoints/" + name)
    file = try ModelFile.open(path: folder.path)
    let data = try Data(contentsOf: folder.appendingPathComponent("reference.json"))
    reference = try JSONDecoder().decode(Reference.self, from: data)
  }

  func load() throws -> LanguageModel {
    try LanguageModel.load(
      file: file, options: LoadOptions(threads: 2, cache: .positions(1024), cacheType: .f32))
  }
}

@Suite("Checkpoints of transformers")
struct CheckpointTests {
  static let checkpoints = [
    "mistral_safetensors", "mistral_shards", "mistral_bin", "mistral_bin_shards", "llama_safetensors",
    "llama_shards", "llama_bin", "llama_bin_shards",
  ]

  @Test("Logits of 600 positions, and 200 greedy tokens, are those of transformers", arguments: checkpoints)
  func logits(name: String) throws {
    let checkpoint = try ReferenceCheckpoint(name)
    let reference = checkpoint.reference
    let model = try checkpoint.load()
    let size = model.vocabularySize
    let found = try model.allLogits(reference.tokens.map { TokenID($0) })
    #expect(found.count == 600 * size)
    for (position, expected) in zip(reference.positions, reference.logits) {
      let differences = zip(found[(position * size)..<((position + 1) * size)], expected).map { abs($0 - $1) }
      #expect(differences.count == size && (differences.max() ?? 1) < 1e-3, "after token \(position)")
    }
    for (position, expected) in reference.likeliest.enumerated() {
      let row = found[(position * size)..<((position + 1) * size)]
      // Where two are as near as this, either may be first.
      #expect(row[row.startIndex + expected] > (row.max() ?? 0) - 1e-3, "after token \(position)")
    }
    let cache = model.makeCache()
    var next = reference.tokens.prefix(reference.prompt).map { TokenID($0) }
    var greedy: [Int] = []
    while greedy.count < reference.greedy.count {
      let row = try model.logits(cache, next)
      let best = try #require(row.indices.max { row[$0] < row[$1] })
      greedy.append(best)
      next = [TokenID(best)]
    }
    #expect(greedy == reference.greedy)
  }

  @Test("Metadata and tensors have the names that GGUF files have") func names() throws {
    let file = try ReferenceCheckpoint("mistral_safetensors").file
    #expect(file.architecture == "llama" && file.metadata.integer("llama.attention.sliding_window") == 64)
    #expect(file.metadata.integer("llama.attention.head_count_kv") == 2)
    #expect(file.tensors["blk.1.attn_k.weight"]?.shape == [32, 16])
    #expect(file.tensors["output.weight"]?.shape == [32, 128])
    #expect(try ReferenceCheckpoint("mistral_bin_shards").file.tensors["output.weight"] == nil)
    #expect(try ReferenceCheckpoint("llama_safetensors").file.tensors["rope_freqs.weight"]?.shape == [4])
    #expect(try ReferenceCheckpoint("mistral_shards").file.metadata["llama.attention.sliding_window"] == nil)
  }

  @Test("Query rows are in the order of GGUF, in any stretch of them") func rows() throws {
    let tensor = try #require(ReferenceCheckpoint("mistral_safetensors").file.tensors["blk.0.attn_q.weight"])
    #expect(!tensor.isInPlace)
    let whole = tensor.withBytes { Array($0) }
    #expect(whole.count == tensor.byteCount)
    let row = tensor.byteCount / tensor.rows
    for stretch in [0..<1, 3..<20, 48..<64] {
      let part = tensor.withBytes(ofRows: stretch) { Array($0) }
      #expect(part == Array(whole[(stretch.lowerBound * row)..<(stretch.upperBound * row)]))
    }
  }
}
