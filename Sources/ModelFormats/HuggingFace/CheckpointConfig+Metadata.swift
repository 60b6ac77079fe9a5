extension CheckpointConfig {
  /// Adds the shape of the network under the keys that GGUF files of the Llama family have.
  func write(to metadata: inout Metadata) {
    let prefix = "llama."
    func add(_ key: String, _ value: Int) { metadata.add(prefix + key, .uint(UInt64(value))) }
    func add(_ key: String, _ value: Double) { metadata.add(prefix + key, .float(value)) }
    metadata.add("general.architecture", .string(Array("llama".utf8)))
    add("context_length", positions)
    add("embedding_length", hidden)
    add("block_count", layers)
    add("feed_forward_length", feedForward)
    add("attention.head_count", heads)
    add("attention.head_count_kv", keyValueHeads)
    add("attention.key_length", headLength)
    add("attention.value_length", headLength)
    add("attention.layer_norm_rms_epsilon", epsilon)
    add("rope.dimension_count", headLength)
    add("rope.freq_base", rope.base)
    add("vocab_size", vocabulary)
    if let window { add("attention.sliding_window", window) }
    switch rope.scaling {
    // The divisors of Llama 3 are a tensor.
    case .none, .llama3: break
    case .linear(let factor):
      metadata.add(prefix + "rope.scaling.type", .string(Array("linear".utf8)))
      add("rope.scaling.factor", factor)
    case .yarn(let factor, let original, let fast, let slow, let attention):
      metadata.add(prefix + "rope.scaling.type", .string(Array("yarn".utf8)))
      add("rope.scaling.factor", factor)
      add("rope.scaling.original_context_length", original)
      add("rope.scaling.yarn_beta_fast", fast)
      add("rope.scaling.yarn_beta_slow", slow)
      // GGUF's number multiplies what follows from the factor.
      if let attention {
        add("rope.scaling.attn_factor", attention / RopeConfig.magnitude(factor))
      }
    }
  }
}
