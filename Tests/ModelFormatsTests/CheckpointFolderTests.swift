import Foundation
import TestSupport
import Testing

@testable import ModelFormats

@Suite("Folders as the hub holds models")
struct CheckpointFolderTests {
  /// A folder with a checkpoint, changed by `change`, in which `files` replace others.
  private func folder(
    _ change: (inout TinyCheckpoint) -> Void = { _ in }, files: [String: [UInt8]?] = [:]
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder(inMemory: true)
    var checkpoint = TinyCheckpoint()
    change(&checkpoint)
    try checkpoint.write(to: folder.path)
    for (name, bytes) in files {
      if let bytes {
        try folder.write(name, bytes)
      } else {
        try FileManager.default.removeItem(atPath: folder.file(name))
      }
    }
    return folder
  }

  /// The same, opened.
  private func model(
    _ change: (inout TinyCheckpoint) -> Void = { _ in }, files: [String: [UInt8]?] = [:]
  ) throws -> ModelFile {
    let folder = try folder(change, files: files)
    return try withExtendedLifetime(folder) { try open(folder.path).get() }
  }

  @Test("Every way to write the weights gives the same tensors", arguments: TinyCheckpoint.Weights.allCases)
  func weights(_ weights: TinyCheckpoint.Weights) throws {
    let plain = try model()
    let folder = try folder { $0.weights = weights }
    let file = try open(folder.path).get()
    #expect(file.tensorNames == plain.tensorNames && file.tensorNames.count == 21)
    for name in file.tensorNames {
      let (one, other) = (try #require(file.tensors[name]), try #require(plain.tensors[name]))
      #expect(one.shape == other.shape && one.type == other.type && bytes(one) == bytes(other), "\(name)")
    }
    #expect(file.architecture == "llama" && file.metadata.integer("llama.attention.sliding_window") == 64)
    #expect(file.companions?.keys.sorted() == ["tokenizer.json", "tokenizer_config.json"])
    #expect(file.metadata.string("tokenizer.chat_template")?.hasPrefix("{% for m") == true)
    #expect(file.metadata.integers("tokenizer.end_token_ids") == [2, 7])
    #expect(file.setAside.isEmpty)
  }

  @Test("Query rows are interleaved, and only those of queries and keys") func order() throws {
    let file = try model()
    for (name, tensor) in file.tensors {
      #expect(tensor.isInPlace != (name.contains("attn_q") || name.contains("attn_k")), "\(name)")
    }
    let order = RowOrder.halves(headLength: 8)
    #expect((8..<16).map(order.stored) == [8, 12, 9, 13, 10, 14, 11, 15])
  }

  @Test("Every file that was read is watched") func changes() throws {
    let names = try model { $0.weights = .torchShards }.parts.map {
      String($0.split(separator: "/").last ?? "")
    }
    #expect(names.count == 7)
    for name in names {
      let folder = try folder { $0.weights = .torchShards }
      let file = try open(folder.path).get()
      #expect(file.stillIntact())
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file(name)))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data([0x20]))
      try handle.close()
      #expect(!file.stillIntact(), "\(name)")
      #expect(throws: ModelFormatError.self) { try file.requireIntact() }
    }
  }

  @Test("Links, as the hub's cache has them, are followed; one to nothing is an unfinished download")
  func links() throws {
    let blobs = try folder()
    let links = try TemporaryFolder(inMemory: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: blobs.path) {
      try FileManager.default.createSymbolicLink(
        atPath: links.file(name), withDestinationPath: blobs.file(name))
    }
    #expect(try open(links.path).get().tensorNames.count == 21)
    try FileManager.default.removeItem(atPath: blobs.file("model.safetensors"))
    let error = try #require(open(links.path).failure)
    #expect(error.kind == .notFound && error.path == links.file("model.safetensors"))
    let refused = FileOpening.$refusesLinks.withValue(true) { open(links.path).failure }
    #expect(refused?.kind == .notReadable && refused?.message.contains("symbolic link") == true)
  }

  // Changes of config.json: key, value (empty: none), kind of the error, and what the message says.
  static let configs: [(key: String, value: String, kind: ModelFormatError.Kind, text: String)] = [
    ("model_type", #""qwen2""#, .unsupported, "model_type is 'qwen2'"),
    ("model_type", "", .invalid, "model_type is missing"), ("model_type", "7", .invalid, "model_type is 7"),
    ("architectures", #"["LlamaForSequenceClassification"]"#, .unsupported, "architectures is Llama"),
    ("hidden_size", "0", .invalid, "hidden_size is 0"),
    ("hidden_size", "", .invalid, "hidden_size is missing"),
    ("hidden_size", "-32", .invalid, "hidden_size is -32"),
    ("hidden_size", "30", .invalid, "num_attention_heads is 4"),
    ("hidden_size", "1e3", .invalid, "hidden_size is 1e3"),
    ("hidden_size", "99999999999999999999", .invalid, "hidden_size is 9999"),
    ("hidden_size", "64", .invalid, "has the shape [300, 32]"),
    ("num_attention_heads", "0", .invalid, "num_attention_heads is 0"),
    ("num_key_value_heads", "3", .invalid, "num_key_value_heads is 3"),
    ("num_key_value_heads", "8", .invalid, "num_key_value_heads is 8"),
    ("head_dim", "7", .invalid, "head_dim is 7"), ("head_dim", "16", .invalid, "has the shape"),
    ("num_hidden_layers", "3", .invalid, "'model.layers.2.input_layernorm.weight' is missing"),
    ("num_hidden_layers", "4000000000", .invalid, "num_hidden_layers is 4"),
    ("vocab_size", "301", .invalid, "has the shape [300, 32]"),
    ("vocab_size", "true", .invalid, "vocab_size is true"),
    ("rms_norm_eps", "NaN", .invalid, "rms_norm_eps is NaN"),
    ("rms_norm_eps", #""x""#, .invalid, "rms_norm_eps is"),
    ("rope_theta", "0", .invalid, "rope_theta is 0"), ("rope_theta", "-Infinity", .invalid, "rope_theta is"),
    ("rope_scaling", #"{"type":"longrope"}"#, .unsupported, "rope_scaling.type is 'longrope'"),
    ("rope_scaling", #"{"type":"linear"}"#, .invalid, "rope_scaling.factor is missing"),
    ("rope_scaling", #"{"type":"linear","factor":0}"#, .invalid, "rope_scaling.factor is 0"),
    ("rope_scaling", "[]", .invalid, "rope_scaling is []"),
    ("rope_parameters", #"{"rope_type":"llama3","factor":8}"#, .invalid, "rope_parameters.original_max"),
    ("rope_parameters", #"{"partial_rotary_factor":0.5}"#, .invalid, "partial_rotary_factor is 0.5"),
    ("sliding_window", "0", .invalid, "sliding_window is 0"),
    ("hidden_act", #""gelu""#, .unsupported, "hidden_act is 'gelu'"),
    ("quantization_config", #"{"quant_method":"gptq"}"#, .unsupported, "quantized by gptq"),
    ("attention_bias", "true", .invalid, "attention_bias is true"),
    ("max_position_embeddings", "0", .invalid, "max_position_embeddings is 0"),
    ("tie_word_embeddings", #""no""#, .invalid, "tie_word_embeddings is \"no\""),
  ]

  @Test(
    "A shape that cannot be is refused with the key, what was found and what would be right",
    arguments: configs.indices)
  func config(index: Int) throws {
    let (key, value, kind, text) = Self.configs[index]
    var changed = TinyCheckpoint()
    changed.config[key] = value.isEmpty ? nil : value
    let folder = try folder(files: ["config.json": Array(changed.files["config.json", default: ""].utf8)])
    let error = try #require(open(folder.path).failure)
    #expect(error.kind == kind && error.message.contains(text) && !error.expected.isEmpty, "\(error)")
  }

  @Test("What a configuration leaves out is what transformers assumes") func defaults() throws {
    let keys = [
      "rope_theta", "num_key_value_heads", "max_position_embeddings", "rms_norm_eps", "sliding_window",
    ]
    let json = TinyCheckpoint().config.filter { !keys.contains($0.key) }.map { "\"\($0)\":\($1)" }
    let text = Array("{\(json.joined(separator: ",")),\"num_attention_heads\":8,\"x\":1}".utf8)
    func read(_ family: String) throws -> CheckpointConfig {
      let changed = String(decoding: text, as: UTF8.self)
        .replacingOccurrences(of: #""num_attention_heads":4,"#, with: "")
        .replacingOccurrences(of: #","num_attention_heads":4"#, with: "")
        .replacingOccurrences(of: #""mistral""#, with: "\"\(family)\"")
      return try Array(changed.utf8).withUnsafeBytes {
        try CheckpointConfig(JSONFile($0, path: "config.json"))
      }
    }
    let mistral = try read("mistral")
    #expect(mistral.keyValueHeads == 8 && mistral.positions == 131_072 && mistral.window == 4_096)
    #expect(mistral.epsilon == 1e-6 && mistral.rope.base == 10_000)
    let llama = try read("llama")
    #expect(llama.keyValueHeads == 8 && llama.positions == 2_048 && llama.window == nil)
  }

  // What is wrong with files: those to replace or (nil) to remove, and what the error says.
  static let files:
    [(weights: TinyCheckpoint.Weights, files: [String: String?], kind: ModelFormatError.Kind, text: String)] =
      [
        (.safeTensors, ["config.json": nil], .notAModel, "no config.json"),
        (.safeTensors, ["model.safetensors": nil], .notFound, "no weights"),
        (.safeTensors, ["config.json": "[]"], .invalid, "not an object"),
        (.safeTensors, ["config.json": "{"], .invalid, "not JSON"),
        (.safeTensors, ["config.json": #"{"a":1,"a":2}"#], .invalid, "not JSON"),
        (.safeTensors, ["model.safetensors": ""], .notAModel, "empty"),
        (.safeTensors, ["model.safetensors": "version https://git-lfs"], .notAModel, "Git LFS"),
        (.safeTensors, ["model.safetensors": "GGUF...."], .notAModel, "a GGUF file"),
        (.torch, ["pytorch_model.bin": "\u{80}"], .notAModel, "not a PyTorch file"),
        (.safeTensors, ["tokenizer_config.json": #"{"chat_template":7}"#], .invalid, "chat_template is 7"),
        (
          .safeTensors, ["tokenizer_config.json": #"{"chat_template":[{"name":"a"}]}"#], .invalid,
          "chat_template is"
        ),
        (.safeTensors, ["generation_config.json": #"{"eos_token_id":"x"}"#], .invalid, "eos_token_id is"),
        (.safeTensors, ["generation_config.json": #"{"top_p":"high"}"#], .invalid, "top_p is"),
        (.safeTensorsShards, ["model-00002-of-00002.safetensors": nil], .notFound, "no such file"),
        (.torchShards, ["pytorch_model-00001-of-00002.bin": nil], .notFound, "download all 2 files"),
        (.safeTensorsShards, ["model.safetensors.index.json": "{}"], .invalid, "weight_map is missing"),
        (
          .safeTensorsShards, ["model.safetensors.index.json": #"{"weight_map":{"a":1}}"#], .invalid,
          "weight_map.a is 1"
        ),
        (
          .safeTensorsShards,
          ["model.safetensors.index.json": #"{"weight_map":{"a":"../model.safetensors"}}"#], .invalid,
          "in the same folder"
        ),
        (
          .safeTensorsShards, ["model.safetensors.index.json": #"{"weight_map":{"a":"/etc/passwd"}}"#],
          .invalid, "same folder"
        ),
        (
          .safeTensorsShards, ["model.safetensors.index.json": #"{"weight_map":{"a":".."}}"#], .invalid,
          "same folder"
        ),
        (
          .safeTensorsShards, ["model.safetensors.index.json": #"{"weight_map":{"a":"x\u0000"}}"#], .invalid,
          "same folder"
        ),
        (
          .safeTensorsShards,
          ["model.safetensors.index.json": #"{"weight_map":{"other":"model-00001-of-00002.safetensors"}}"#],
          .invalid,
          "lacks the tensor 'other'"
        ),
        (
          .safeTensorsShards,
          [
            "model.safetensors.index.json":
              #"{"weight_map":{"model.norm.weight":"model-00002-of-00002.safetensors"}}"#
          ],
          .invalid, "which the index does not name"
        ),
      ]

  @Test("Files that are missing, damaged or of another model are refused by name", arguments: files.indices)
  func wrongFiles(index: Int) throws {
    let (weights, files, kind, text) = Self.files[index]
    let folder = try folder(
      { $0.weights = weights }, files: files.mapValues { $0.map { Array($0.utf8) } })
    let error = try #require(open(folder.path).failure)
    #expect(error.kind == kind && "\(error)".contains(text), "\(error)")
    #expect(error.path.hasPrefix(folder.path), "\(error)")
  }

  @Test("A shard that is there twice, or is of another model, is refused") func otherShards() throws {
    for weights in [TinyCheckpoint.Weights.safeTensorsShards, .torchShards] {
      let files = TinyCheckpoint.weightFiles(TinyCheckpoint().tensors(), weights)
      let names = files.keys.filter { !$0.hasSuffix(".json") }.sorted()
      let twice = try folder({ $0.weights = weights }, files: [names[1]: files[names[0]]])
      #expect(open(twice.path).failure?.message.contains("occurs twice") == true)
      var other = TinyCheckpoint()
      other.config["hidden_size"] = "64"
      let others = TinyCheckpoint.weightFiles(other.tensors(), weights)
      let mixed = try folder({ $0.weights = weights }, files: [names[1]: others[names[1]]])
      #expect(open(mixed.path).failure?.message.contains("has the shape") == true)
    }
  }

  @Test("Templates come from chat_template.jinja, then from the configuration, with their names")
  func templates() throws {
    let list = #"{"chat_template":[{"name":"tool_use","template":"T"},{"name":"default","template":"D"}]}"#
    let named = try model(files: ["tokenizer_config.json": Array(list.utf8)]).metadata
    #expect(named.string("tokenizer.chat_template") == "D")
    #expect(named.string("tokenizer.chat_template.tool_use") == "T")
    let file = try model(files: ["chat_template.jinja": Array("J".utf8)]).metadata
    #expect(file.string("tokenizer.chat_template") == "J")
  }

  @Test("The name is that of the folder, or of the repository in the hub's cache") func name() throws {
    let folder = try TemporaryFolder(inMemory: true)
    let path = folder.file("models--migtissera--SynthIA-7B-v1.3/snapshots/0123abc")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try TinyCheckpoint().write(to: path)
    #expect(try open(path).get().metadata.string("general.name") == "SynthIA-7B-v1.3")
    #expect(try open(path + "/").get().metadata.string("general.name") == "SynthIA-7B-v1.3")
  }

  @Test("Weights that are not aligned are read as those that are") func alignment() throws {
    let plain = try model()
    var image = SafeTensorsImage(TinyCheckpoint().tensors())
    image.tensors.insert(.init("odd", type: "U8", shape: [1], data: [7]), at: 0)
    let file = try model(files: ["model.safetensors": image.bytes])
    for (name, tensor) in file.tensors {
      #expect(!tensor.isInPlace && bytes(tensor) == plain.tensors[name].map { bytes($0) }, "\(name)")
    }
    #expect(file.setAside.count == 1)
  }

  @Test("A PyTorch file from before version 1.6 is named as such") func olderTorch() throws {
    let old: [UInt8] = [
      0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    let folder = try folder({ $0.weights = .torch }, files: ["pytorch_model.bin": old])
    let error = try #require(open(folder.path).failure)
    #expect(error.kind == .notAModel && error.expected.contains("before version 1.6"), "\(error)")
  }

  @Test("Weights that no tensor of the network uses are named") func strays() throws {
    var tensors = TinyCheckpoint().tensors()
    tensors.append(.init("v_head.summary.weight", shape: [1], data: [0, 0, 0, 0]))
    tensors.append(.init("model.layers.0.self_attn.rotary_emb.inv_freq", shape: [1], data: [0, 0, 0, 0]))
    let file = try model(files: ["model.safetensors": SafeTensorsImage(tensors).bytes])
    #expect(file.setAside == ["the tensor 'v_head.summary.weight' is not part of the network and not used"])
  }
}
