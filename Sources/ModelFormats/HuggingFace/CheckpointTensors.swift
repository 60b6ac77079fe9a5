/// Gives the tensors of a checkpoint their names, shapes and row order in GGUF.
struct CheckpointTensors {
  /// A tensor that the network has.
  private struct Wanted {
    let name: String
    let gguf: String
    /// The dimensions in PyTorch's order.
    let shape: [Int]
    var rowOrder = RowOrder.stored
  }

  /// The tensors of the network, in the order of its layers.
  private(set) var tensors: [Tensor] = []
  /// What was left out, one sentence each.
  private(set) var setAside: [String] = []

  /// The tensors that `config` asks for, out of those that the files have; a name may lack `model.`, as in files of a
  /// network without its output matrix.
  init(
    _ config: CheckpointConfig, _ stored: [String: StoredTensor], folder: CheckpointFolder
  ) throws(ModelFormatError) {
    let hasPrefix = stored.keys.contains { $0.hasPrefix("model.") }
    var unused = Set(stored.keys)
    for wanted in Self.wanted(config) {
      let name =
        hasPrefix || !wanted.name.hasPrefix("model.") ? wanted.name : String(wanted.name.dropFirst(6))
      guard let tensor = stored[name] else {
        throw ModelFormatError(
          .invalid, path: folder.path, "the tensor '\(name)' is missing",
          expected: name == "lm_head.weight"
            ? "it is needed unless tie_word_embeddings in config.json is true"
            : "config.json asks for it: the weights must be those of the same model")
      }
      unused.remove(name)
      tensors.append(try Self.tensor(tensor, wanted))
    }
    if let divisors = config.rope.divisors(headLength: config.headLength) {
      let bytes = divisors.flatMap { divisor in
        withUnsafeBytes(of: divisor.bitPattern.littleEndian, Array.init)
      }
      tensors.append(
        Tensor(
          name: "rope_freqs.weight", type: .f32, shape: [divisors.count], byteCount: bytes.count,
          elementCount: divisors.count, storage: .memory(bytes)))
    }
    note(unused, config)
  }

  /// The tensors of a network of this shape.
  private static func wanted(_ config: CheckpointConfig) -> [Wanted] {
    let hidden = config.hidden
    let (query, keyValue) = (config.heads * config.headLength, config.keyValueHeads * config.headLength)
    let halves = RowOrder.halves(headLength: config.headLength)
    var all = [
      Wanted(
        name: "model.embed_tokens.weight", gguf: "token_embd.weight", shape: [config.vocabulary, hidden])
    ]
    for layer in 0..<config.layers {
      func add(
        _ name: String, _ gguf: String, _ shape: [Int], _ order: RowOrder = .stored, bias: Bool = false
      ) {
        let (name, gguf) = ("model.layers.\(layer).\(name)", "blk.\(layer).\(gguf)")
        all.append(Wanted(name: name + ".weight", gguf: gguf + ".weight", shape: shape, rowOrder: order))
        guard bias else { return }
        all.append(Wanted(name: name + ".bias", gguf: gguf + ".bias", shape: [shape[0]], rowOrder: order))
      }
      let (attention, feedForward) = (config.attentionHasBiases, config.feedForwardHasBiases)
      add("input_layernorm", "attn_norm", [hidden])
      add("self_attn.q_proj", "attn_q", [query, hidden], halves, bias: attention)
      add("self_attn.k_proj", "attn_k", [keyValue, hidden], halves, bias: attention)
      add("self_attn.v_proj", "attn_v", [keyValue, hidden], bias: attention)
      add("self_attn.o_proj", "attn_output", [hidden, query], bias: attention)
      add("post_attention_layernorm", "ffn_norm", [hidden])
      add("mlp.gate_proj", "ffn_gate", [config.feedForward, hidden], bias: feedForward)
      add("mlp.up_proj", "ffn_up", [config.feedForward, hidden], bias: feedForward)
      add("mlp.down_proj", "ffn_down", [hidden, config.feedForward], bias: feedForward)
    }
    all.append(Wanted(name: "model.norm.weight", gguf: "output_norm.weight", shape: [hidden]))
    if !config.isTied {
      all.append(Wanted(name: "lm_head.weight", gguf: "output.weight", shape: [config.vocabulary, hidden]))
    }
    return all
  }

  private static func tensor(_ stored: StoredTensor, _ wanted: Wanted) throws(ModelFormatError) -> Tensor {
    let quoted = ModelFormatError.quoted(stored.name)
    guard stored.shape == wanted.shape else {
      throw ModelFormatError(
        .invalid, path: stored.file.path, "the tensor \(quoted) has the shape \(stored.shape)",
        expected: "config.json asks for \(wanted.shape)")
    }
    guard let type = stored.type else {
      throw ModelFormatError(
        .unsupportedType, path: stored.file.path,
        "the tensor \(quoted) has numbers of type \(stored.typeName)",
        expected: "this build computes with F32, F16 and BF16")
    }
    return Tensor(
      name: wanted.gguf, type: type, shape: wanted.shape.reversed(), byteCount: stored.byteCount,
      elementCount: wanted.shape.reduce(1, *), storage: .file(stored.file, offset: stored.offset),
      rowOrder: wanted.rowOrder)
  }

  /// Says which tensors are not used, but for those that follow from the configuration.
  private mutating func note(_ unused: Set<String>, _ config: CheckpointConfig) {
    let others = unused.filter { name in
      !name.hasSuffix(".rotary_emb.inv_freq") && !(config.isTied && name == "lm_head.weight")
    }.sorted()
    guard let first = others.first else { return }
    let more = others.count > 1 ? " and \(others.count - 1) more are" : " is"
    setAside.append(
      "the tensor \(ModelFormatError.quoted(first))\(more) not part of the network and not used")
  }
}
