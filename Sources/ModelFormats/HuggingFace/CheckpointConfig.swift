import JSON

/// The shape of a network, as a checkpoint's `config.json` gives it.
///
/// Keys and defaults are those of `LlamaConfig` and `MistralConfig` in transformers 4.57 and 5.
struct CheckpointConfig {
  let layers: Int
  let hidden: Int
  let feedForward: Int
  let heads: Int
  let keyValueHeads: Int
  let headLength: Int
  let vocabulary: Int
  let positions: Int
  let epsilon: Double
  /// Positions that a query sees; nil: all.
  let window: Int?
  /// Whether the embeddings serve as the output matrix.
  let isTied: Bool
  let attentionHasBiases: Bool
  let feedForwardHasBiases: Bool
  let rope: RopeConfig

  /// What transformers assumes of a family where the file says nothing.
  private struct Family {
    let keyValueHeads: Int?
    let positions: Int
    /// nil: the family has no window, whatever the file says.
    let window: Int?
    let hasBiases: Bool
  }

  /// The networks, by `model_type`.
  private static let families = [
    "llama": Family(keyValueHeads: nil, positions: 2_048, window: nil, hasBiases: true),
    "mistral": Family(keyValueHeads: 8, positions: 131_072, window: 4_096, hasBiases: false),
  ]

  /// Reads and checks the file.
  init(_ file: JSONFile) throws(ModelFormatError) {
    let family = try Self.family(file)
    layers = try file.required("num_hidden_layers", in: Limits.layers)
    hidden = try file.required("hidden_size", in: Limits.width)
    feedForward = try file.required("intermediate_size", in: Limits.width)
    heads = try file.required("num_attention_heads", in: Limits.heads)
    let keyValueHeads =
      try file.integer("num_key_value_heads", in: 1...heads) ?? family.keyValueHeads ?? heads
    guard heads.isMultiple(of: keyValueHeads) else {
      throw file.error(
        "num_key_value_heads", file["num_key_value_heads"],
        expected: "a divisor of num_attention_heads, \(heads)")
    }
    self.keyValueHeads = keyValueHeads
    let stated = try file.integer("head_dim", in: Limits.headLength)
    guard stated != nil || hidden.isMultiple(of: heads) else {
      throw file.error(
        "num_attention_heads", file["num_attention_heads"],
        expected: "a divisor of hidden_size, \(hidden), where head_dim is missing")
    }
    headLength = stated ?? hidden / heads
    guard headLength.isMultiple(of: 2), Limits.headLength.contains(headLength) else {
      throw file.error(
        stated == nil ? "num_attention_heads" : "head_dim",
        file[stated == nil ? "num_attention_heads" : "head_dim"],
        expected: "such that a head has an even number of values, not \(headLength)")
    }
    vocabulary = try file.required("vocab_size", in: Limits.vocabulary)
    positions = try file.integer("max_position_embeddings", in: Limits.positions) ?? family.positions
    epsilon = try file.number("rms_norm_eps", in: 0...1) ?? 1e-6
    // Unlike a missing window, one of null is none.
    window = try family.window.flatMap { (usual) throws(ModelFormatError) in
      file.root["sliding_window"] == nil ? usual : try file.integer("sliding_window", in: Limits.positions)
    }
    isTied = try file.flag("tie_word_embeddings") ?? false
    attentionHasBiases = try file.flag("attention_bias") ?? false
    feedForwardHasBiases = try file.flag("mlp_bias") ?? false
    guard family.hasBiases || !attentionHasBiases && !feedForwardHasBiases else {
      throw file.error(
        attentionHasBiases ? "attention_bias" : "mlp_bias",
        file[attentionHasBiases ? "attention_bias" : "mlp_bias"], expected: "false for this model_type")
    }
    rope = try RopeConfig(file, positions: positions, headLength: headLength)
  }

  /// The family of a network that this package can map, and nothing about it that would be left out.
  private static func family(_ file: JSONFile) throws(ModelFormatError) -> Family {
    let known = families.keys.sorted().joined(separator: " or ")
    guard let name = try file.text("model_type") else {
      throw file.error("model_type", nil, expected: known)
    }
    func unsupported(_ what: String, _ expected: String) -> ModelFormatError {
      ModelFormatError(.unsupported, path: file.path, what, expected: expected)
    }
    guard let family = families[name] else {
      throw unsupported("model_type is \(ModelFormatError.quoted(name))", "this build reads \(known)")
    }
    if let classes = file["architectures"]?.elements?.compactMap(\.string), !classes.isEmpty,
      !classes.contains(where: { $0.hasSuffix("ForCausalLM") || $0.hasSuffix("Model") })
    {
      throw unsupported(
        "architectures is \(ModelFormatError.shortened(classes.joined(separator: ", ")))",
        "this build runs networks that generate text, such as LlamaForCausalLM")
    }
    if let value = file["quantization_config"] {
      let method = value["quant_method"]?.string ?? "an unknown method"
      throw unsupported(
        "quantization_config is there: the weights are quantized by \(ModelFormatError.shortened(method))",
        "use the checkpoint that it was made from, or a GGUF file")
    }
    if let activation = try file.text("hidden_act"), !["silu", "swish"].contains(activation) {
      throw unsupported("hidden_act is \(ModelFormatError.quoted(activation))", "this build computes silu")
    }
    return family
  }
}
