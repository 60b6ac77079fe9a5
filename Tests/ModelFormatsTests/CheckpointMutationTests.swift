import Foundation
import ModelFormats
import TestSupport
import Testing

@Suite("Mutated checkpoints open with all data inside or give a typed error", .timeLimit(.minutes(60)))
struct CheckpointMutationTests {
  /// Files of each kind: WORKBENCH_TEST_MUTATIONS, or as many as the formats must stand.
  private static let count =
    ProcessInfo.processInfo.environment["WORKBENCH_TEST_MUTATIONS"].flatMap { Int($0) } ?? 20_000
  private static let seed: UInt64 = 20_261_128

  /// A checkpoint so small that a mutation is likely to reach what has a meaning.
  private static var small: TinyCheckpoint {
    var small = TinyCheckpoint()
    for (key, value) in [
      ("vocab_size", "4"), ("hidden_size", "4"), ("intermediate_size", "4"), ("num_hidden_layers", "1"),
      ("num_attention_heads", "2"), ("num_key_value_heads", "1"),
    ] { small.config[key] = value }
    return small
  }

  /// Opens a checkpoint with each mutation of `file` in turn.
  private func run(
    _ file: String, of checkpoint: TinyCheckpoint, count: Int = count, _ mutation: (Int) -> [UInt8]
  ) throws {
    let folder = try TemporaryFolder(inMemory: true)
    try checkpoint.write(to: folder.path)
    var opened = 0
    for index in 0..<count {
      try folder.write(file, mutation(index))
      guard case .success(let model) = open(folder.path) else { continue }
      opened += 1
      for tensor in model.tensors.values {
        let size = tensor.withBytes { bytes in bytes.reduce(0) { $0 &+ Int($1) } >= 0 ? bytes.count : 0 }
        #expect(
          size == tensor.byteCount && tensor.type.byteCount(shape: tensor.shape) == size,
          "\(file), seed \(Self.seed) index \(index): \(tensor.name)")
      }
    }
    // Both outcomes must occur, or the mutations do not reach what they should.
    #expect(opened > 0 && opened < count, "\(file): \(opened) of \(count) opened")
  }

  @Test("safetensors") func safeTensors() throws {
    let bytes = SafeTensorsImage(Self.small.tensors()).bytes
    let mutator = ByteMutator([bytes], seed: Self.seed)
    try run("model.safetensors", of: Self.small, mutator.mutation)
  }

  @Test("PyTorch: the archive, and the pickle in a right archive") func torch() throws {
    var checkpoint = Self.small
    checkpoint.weights = .torch
    let image = TorchImage(checkpoint.tensors())
    let archives = ByteMutator([image.bytes], seed: Self.seed)
    let pickles = ByteMutator([image.entries[0].data], seed: Self.seed)
    try run("pytorch_model.bin", of: checkpoint) { index in
      guard index.isMultiple(of: 2) else { return archives.mutation(index) }
      var changed = image
      changed.entries[0].data = pickles.mutation(index)
      return changed.bytes
    }
  }

  @Test("Texts", arguments: ["config.json", "generation_config.json", "tokenizer_config.json"])
  func texts(file: String) throws {
    let text = Self.small.files[file, default: "{}"]
    let pieces = [
      "0", "-1", "1e99", "99999999999999999999", "null", "true", "\"", "{", "}", "[", "]", ",", ":", "NaN",
      #""rope_scaling":{"type":"yarn","factor":2},"#, #""head_dim":2,"#, #""hidden_size""#, "\\u0000",
    ]
    let mutator = TextMutator([text], pieces: pieces, seed: Self.seed)
    // The others have a few keys each.
    try run(
      file, of: Self.small, count: file == "config.json" ? Self.count : Self.count / 10, mutator.mutation)
  }

  @Test("The index of the shards") func index() throws {
    var checkpoint = Self.small
    checkpoint.weights = .safeTensorsShards
    let name = "model.safetensors.index.json"
    let index = TinyCheckpoint.weightFiles(checkpoint.tensors(), .safeTensorsShards)[name] ?? []
    let mutator = TextMutator(
      [String(decoding: index, as: UTF8.self)],
      pieces: ["../", "/", "\"", "}", "00001", "config.json", "\\u0000"],
      seed: Self.seed)
    try run(name, of: checkpoint, count: Self.count / 10, mutator.mutation)
  }
}
