/// Writes a small random Mistral checkpoint as the hub holds it: a folder that loads in milliseconds and chats.
public struct TinyCheckpoint: Sendable {
  /// How the weights are written.
  public enum Weights: Sendable, CaseIterable {
    /// `model.safetensors`.
    case safeTensors
    /// `model-0000N-of-00002.safetensors` and their index.
    case safeTensorsShards
    /// `pytorch_model.bin`.
    case torch
    /// `pytorch_model-0000N-of-00002.bin` and their index.
    case torchShards
  }

  /// How the weights are written.
  public var weights = Weights.safeTensors
  /// The keys of `config.json` with their values in JSON.
  public var config = [
    "architectures": #"["MistralForCausalLM"]"#, "model_type": #""mistral""#, "vocab_size": "300",
    "hidden_size": "32", "intermediate_size": "48", "num_hidden_layers": "2", "num_attention_heads": "4",
    "num_key_value_heads": "1", "max_position_embeddings": "256", "rms_norm_eps": "1e-05",
    "rope_theta": "10000.0", "sliding_window": "64", "hidden_act": #""silu""#, "tie_word_embeddings": "false",
  ]
  /// The files beside weights and configuration, by name.
  public var others: [String: String] = [
    "generation_config.json": #"{"do_sample":true,"temperature":0.75,"top_k":50,"eos_token_id":[2,7]}"#,
    "tokenizer.json": TinyCheckpoint.tokenizer,
    "tokenizer_config.json":
      #"{"tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":"</s>","unk_token":"<unk>","add_bos_token":true,"#
      + #""chat_template":"{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}[assistant]"}"#,
  ]

  /// The checkpoint of the defaults.
  public init() {}

  /// Writes the files of the checkpoint into a folder that exists.
  public func write(to folder: String) throws {
    func write(_ name: String, _ bytes: [UInt8]) throws { try writeFile(folder + "/" + name, bytes) }
    for (name, text) in files { try write(name, Array(text.utf8)) }
    for (name, bytes) in Self.weightFiles(tensors(), weights) { try write(name, bytes) }
  }

  /// The files that are texts, but for the index.
  public var files: [String: String] {
    var files = others
    files["config.json"] =
      "{" + config.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    return files
  }

  /// The tensors that the configuration asks for, in F32, with values that depend on the name only.
  public func tensors() -> [SafeTensorsImage.Tensor] {
    func number(_ key: String) -> Int { config[key].flatMap { Int($0) } ?? 0 }
    let (hidden, inner) = (number("hidden_size"), number("intermediate_size"))
    let head = config["head_dim"].flatMap { Int($0) } ?? hidden / max(1, number("num_attention_heads"))
    let (query, keyValue) = (head * number("num_attention_heads"), head * number("num_key_value_heads"))
    var shapes = [("model.embed_tokens.weight", [number("vocab_size"), hidden])]
    for layer in 0..<number("num_hidden_layers") {
      let prefix = "model.layers.\(layer)."
      shapes += [
        (prefix + "input_layernorm.weight", [hidden]), (prefix + "self_attn.q_proj.weight", [query, hidden]),
        (prefix + "self_attn.k_proj.weight", [keyValue, hidden]),
        (prefix + "self_attn.v_proj.weight", [keyValue, hidden]),
        (prefix + "self_attn.o_proj.weight", [hidden, query]),
        (prefix + "post_attention_layernorm.weight", [hidden]),
        (prefix + "mlp.gate_proj.weight", [inner, hidden]), (prefix + "mlp.up_proj.weight", [inner, hidden]),
        (prefix + "mlp.down_proj.weight", [hidden, inner]),
      ]
    }
    shapes.append(("model.norm.weight", [hidden]))
    if config["tie_word_embeddings"] != "true" {
      shapes.append(("lm_head.weight", [number("vocab_size"), hidden]))
    }
    return shapes.map { name, shape in
      var random = SplitMix64(seed: name.utf8.reduce(5_381) { ($0 &* 33) ^ UInt64($1) })
      let values = (0..<shape.reduce(1, *)).map { _ in
        shape.count == 1 ? 1 : Float(random.below(2_001)) / 4_000 - 0.25
      }
      return SafeTensorsImage.Tensor(
        name, shape: shape, data: values.flatMap { SafeTensorsImage.little($0.bitPattern) })
    }
  }

  /// The weight files by name, the index among them.
  public static func weightFiles(
    _ tensors: [SafeTensorsImage.Tensor], _ weights: Weights
  ) -> [String: [UInt8]] {
    func bytes(_ part: [SafeTensorsImage.Tensor]) -> [UInt8] {
      switch weights {
      case .safeTensors, .safeTensorsShards: SafeTensorsImage(part).bytes
      case .torch, .torchShards: TorchImage(part).bytes
      }
    }
    let (stem, ending) =
      switch weights {
      case .safeTensors, .safeTensorsShards: ("model", "safetensors")
      case .torch, .torchShards: ("pytorch_model", "bin")
      }
    guard weights == .safeTensorsShards || weights == .torchShards else {
      return ["\(stem).\(ending)": bytes(tensors)]
    }
    let half = tensors.count / 2
    var files: [String: [UInt8]] = [:]
    var places: [String] = []
    for (number, part) in [tensors[..<half], tensors[half...]].enumerated() {
      let name = "\(stem)-0000\(number + 1)-of-00002.\(ending)"
      files[name] = bytes(Array(part))
      places += part.map { #""\#($0.name)":"\#(name)""# }
    }
    files["\(stem).\(ending).index.json"] =
      Array(#"{"metadata":{"total_size":1},"weight_map":{\#(places.joined(separator: ","))}}"#.utf8)
    return files
  }

  /// A `tokenizer.json` of Llama's kind: three special tokens, the bytes, and a few letters.
  public static let tokenizer: String = {
    var pieces = ["<unk>", "<s>", "</s>"]
    for byte in 0..<256 {
      let digits = String(byte, radix: 16, uppercase: true)
      pieces.append("<0x" + (byte < 16 ? "0" : "") + digits + ">")
    }
    pieces += ["▁"] + "abcdefghijklmnopqrstuvwxyz".map(String.init)
    let vocabulary = pieces.enumerated().map { #""\#($1)":\#($0)"# }.joined(separator: ",")
    let added = (0..<3).map {
      #"{"id":\#($0),"content":"\#(pieces[$0])","special":true,"normalized":false}"#
    }.joined(separator: ",")
    let normalizer =
      #"{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"#
    let decoder =
      #"{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}"#
    let model =
      #"{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,"vocab":{\#(vocabulary)},"merges":[]}"#
    return
      #"{"version":"1.0","added_tokens":[\#(added)],"normalizer":\#(normalizer),"pre_tokenizer":null,"post_processor":null,"decoder":\#(decoder),"model":\#(model)}"#
  }()
}
