import Inference
import ModelFormats
import Testing
import Tokens

import class Foundation.Bundle
import struct Foundation.URL

/// A tiny network with the logits that transformers computes for it.
struct TinyModel {
  /// Every case of `make_tiny_llama.py`.
  static let names = ["tied", "one_kv_head", "linear", "llama3", "yarn", "biases", "window", "quantised"]

  let file: ModelFile
  let tokens: [TokenID]
  /// tokens × vocabulary.
  let logits: [Float]

  init(_ name: String) throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
    file = try ModelFile.open(path: folder.appendingPathComponent("tiny_\(name).gguf").path)
    tokens = try #require(file.metadata.integers("reference.tokens")).map { TokenID(Int($0)) }
    logits = try #require(file.metadata.floats("reference.logits"))
  }

  /// Loads it; two threads unless told otherwise.
  func load(threads: Int = 2, positions: Int = 1024) throws -> LanguageModel {
    try LanguageModel.load(
      file: file, options: LoadOptions(threads: threads, cache: .positions(positions)))
  }
}

extension LanguageModel {
  /// The logits after each of `tokens`, from an empty cache.
  func allLogits(_ tokens: [TokenID]) throws -> [Float] {
    var result: [Float] = []
    try forwardAll(BatchSlot(cache: makeCache(), tokens: tokens[...], wantsLogits: true)) { _, logits in
      result += logits
    }
    return result
  }

  /// The logits after the last of `tokens`.
  func logits(_ cache: KVCache, _ tokens: [TokenID]) throws -> [Float] {
    let slot = BatchSlot(cache: cache, tokens: tokens[...], wantsLogits: true)
    return Array(try #require(try forward([slot]).first ?? nil))
  }
}
