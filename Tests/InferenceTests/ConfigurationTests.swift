import ModelFormats
import Testing

@testable import Inference

@Suite("Model configuration from metadata")
struct ConfigurationTests {
  /// What a small file says.
  static func metadata(_ changes: [String: MetadataValue?] = [:]) -> Metadata {
    var values: [String: MetadataValue] = [
      "general.architecture": .string(Array("llama".utf8)),
      "llama.context_length": .uint(2048),
      "llama.embedding_length": .uint(576),
      "llama.block_count": .uint(30),
      "llama.feed_forward_length": .uint(1536),
      "llama.attention.head_count": .uint(9),
      "llama.attention.head_count_kv": .uint(3),
      "llama.attention.layer_norm_rms_epsilon": .float(1e-5),
      "llama.rope.freq_base": .float(100_000),
    ]
    for (key, value) in changes { values[key] = value }
    var metadata = Metadata()
    for (key, value) in values { metadata.add(key, value) }
    return metadata
  }

  @Test("A plain file gives its numbers and the defaults")
  func plain() throws {
    let found = try ModelConfiguration(metadata: Self.metadata())
    #expect(found.headLength == 64)
    #expect(found.groupSize == 3)
    #expect(found.keyValueLength == 192)
    #expect(found.rope == RopeConfiguration(base: 100_000, length: 64, scaling: .none))
    #expect(found.slidingWindow == 0)
    #expect(found.vocabularySize == nil)
    #expect(found.attentionScale == 0.125)
  }

  @Test("Without head_count_kv every query head has its own keys; agreeing arrays count as one number")
  func keyValueHeads() throws {
    let absent = try ModelConfiguration(metadata: Self.metadata(["llama.attention.head_count_kv": nil]))
    #expect(absent.keyValueHeadCount == 9)
    let array = Self.metadata(["llama.attention.head_count_kv": .ints([3, 3, 3])])
    #expect(try ModelConfiguration(metadata: array).keyValueHeadCount == 3)
  }

  @Test("Linear and yarn scaling are read with their defaults")
  func scaling() throws {
    let linear = Self.metadata([
      "llama.rope.scaling.type": .string(Array("linear".utf8)), "llama.rope.scaling.factor": .float(4),
    ])
    #expect(try ModelConfiguration(metadata: linear).rope.scaling == .linear(factor: 4))
    let old = Self.metadata(["llama.rope.scale_linear": .float(2)])
    #expect(try ModelConfiguration(metadata: old).rope.scaling == .linear(factor: 2))
    let yarn = Self.metadata([
      "llama.rope.scaling.type": .string(Array("yarn".utf8)), "llama.rope.scaling.factor": .float(8),
      "llama.rope.scaling.original_context_length": .uint(512),
    ])
    let expected = RopeConfiguration.Scaling.yarn(
      factor: 8, originalContext: 512, betaFast: 32, betaSlow: 1)
    #expect(try ModelConfiguration(metadata: yarn).rope.scaling == expected)
  }

  @Test("A factor without a type is linear, and a factor or an original context of 0 is as absent")
  func defaultScaling() throws {
    func scaling(_ changes: [String: MetadataValue?]) throws -> RopeConfiguration.Scaling {
      try ModelConfiguration(metadata: Self.metadata(changes)).rope.scaling
    }
    let factor = "llama.rope.scaling.factor"
    let yarn = MetadataValue.string(Array("yarn".utf8))
    #expect(try scaling([factor: .float(4)]) == .linear(factor: 4))
    #expect(try scaling([factor: .float(0)]) == .none)
    #expect(try scaling(["llama.rope.scale_linear": .float(0)]) == .none)
    // As in llama.cpp the older key counts only without the newer one.
    #expect(try scaling([factor: .float(0), "llama.rope.scale_linear": .float(2)]) == .none)
    #expect(
      try scaling([factor: .float(4), "llama.rope.scaling.type": .string(Array("none".utf8))]) == .none)
    #expect(
      try scaling([
        factor: .float(0), "llama.rope.scaling.type": yarn,
        "llama.rope.scaling.original_context_length": .uint(0),
      ]) == .yarn(factor: 1, originalContext: 2048, betaFast: 32, betaSlow: 1))
  }

  @Test("A value that only replaces a default is set aside, and the configuration says so")
  func setAside() throws {
    let pieces: MetadataValue = .strings([[1], [2], [3]])
    let unusable: [(String, MetadataValue)] = [
      ("llama.attention.scale", .float(.infinity)), ("llama.attention.scale", .string([49])),
      ("llama.attention.sliding_window", .int(-5)), ("llama.embedding_scale", .float(0)),
      ("llama.residual_scale", .float(.nan)), ("llama.logit_scale", .bool(true)),
      ("llama.vocab_size", .uint(4)), ("llama.vocab_size", .uint(0)), ("llama.vocab_size", .float(2.5)),
    ]
    let plain = try ModelConfiguration(metadata: Self.metadata(["tokenizer.ggml.tokens": pieces]))
    #expect(plain.setAside.isEmpty)
    for (key, value) in unusable {
      var found = try ModelConfiguration(
        metadata: Self.metadata(["tokenizer.ggml.tokens": pieces, key: value]))
      #expect(found.setAside.count == 1 && found.setAside[0].hasPrefix(key + " is "), "\(found.setAside)")
      found.setAside = []
      #expect(found == plain, "\(key)")
    }
  }

  static let wrong: [(String, MetadataValue?)] = [
    ("llama.context_length", nil),
    ("llama.context_length", .uint(0)),
    ("llama.context_length", .uint(.max)),
    ("llama.context_length", .int(-1)),
    ("llama.context_length", .string([52])),
    ("llama.embedding_length", .uint(577)),
    ("llama.embedding_length", .uint(1 << 40)),
    ("llama.block_count", .uint(0)),
    ("llama.block_count", .uint(1 << 20)),
    ("llama.block_count", .float(30)),
    ("llama.feed_forward_length", .uint(0)),
    ("llama.feed_forward_length", .ints([1, 2])),
    ("llama.feed_forward_length", .ints([])),
    ("llama.attention.head_count", .uint(0)),
    ("llama.attention.head_count_kv", .uint(0)),
    ("llama.attention.head_count_kv", .uint(4)),
    ("llama.attention.head_count_kv", .uint(10)),
    ("llama.attention.head_count_kv", .ints([3, 1])),
    ("llama.attention.key_length", .uint(63)),
    ("llama.attention.key_length", .uint(0)),
    ("llama.attention.value_length", .uint(32)),
    ("llama.attention.layer_norm_rms_epsilon", nil),
    ("llama.attention.layer_norm_rms_epsilon", .float(.nan)),
    ("llama.attention.layer_norm_rms_epsilon", .float(-1)),
    ("llama.rope.freq_base", .float(0)),
    ("llama.rope.freq_base", .float(.nan)),
    ("llama.rope.dimension_count", .uint(66)),
    ("llama.rope.dimension_count", .uint(7)),
    ("llama.rope.scaling.factor", .float(-2)),
    ("llama.rope.scaling.factor", .string([50])),
    ("llama.rope.scale_linear", .float(.nan)),
    ("llama.rope.scaling.type", .uint(1)),
    ("llama.rope.scaling.type", .string(Array("longrope".utf8))),
    ("llama.expert_count", .uint(8)),
    ("llama.vocab_size", .uint(0)),
    ("general.architecture", nil),
  ]

  @Test("A number that no network can have is refused by its key", arguments: wrong.indices)
  func refused(index: Int) throws {
    let (key, value) = Self.wrong[index]
    // An odd embedding length shows at the heads that it does not divide by.
    let named = value == .uint(577) ? "llama.attention.head_count" : key
    let error = #expect(throws: InferenceError.self) {
      try ModelConfiguration(metadata: Self.metadata([key: value]))
    }
    guard case .metadata(let found, _, let expected) = error else {
      Issue.record("not a metadata error: \(String(describing: error))")
      return
    }
    #expect(found == named)
    #expect(!expected.isEmpty)
  }

  @Test("The token list gives the size of the vocabulary, and the stated size stands in for a list")
  func vocabulary() throws {
    let pieces: [[UInt8]] = [[1], [2], [3]]
    let both = Self.metadata(["tokenizer.ggml.tokens": .strings(pieces), "llama.vocab_size": .uint(3)])
    #expect(try ModelConfiguration(metadata: both).vocabularySize == 3)
    #expect(try ModelConfiguration(metadata: both).setAside.isEmpty)
    let stated = Self.metadata(["llama.vocab_size": .uint(4)])
    #expect(try ModelConfiguration(metadata: stated).vocabularySize == 4)
  }
}
