public import ModelFormats

/// Makes small random `llama` models that load in milliseconds and run.
///
/// The weights are random but depend on the configuration only, so the same one gives the same file. The
/// vocabulary is a SentencePiece one with every byte, so any text can be tokenised.
public struct TinyModel: Sendable {
  /// Layers.
  public var layers = 2
  /// The width of the network; a multiple of `heads` and of the type's block.
  public var embedding = 64
  /// Attention heads.
  public var heads = 4
  /// Key and value heads; divides `heads`.
  public var keyValueHeads = 2
  /// The width of the feed-forward part; a multiple of the type's block.
  public var feedForward = 128
  /// Tokens; at least `TinyVocabulary.leastCount`.
  public var vocabulary = 300
  /// The context that the metadata promises.
  public var context = 256
  /// The base of the rotary embedding.
  public var ropeBase: Float = 10_000
  /// The type of the matrices; norms are always F32.
  public var type = TensorType.f32
  /// Whether the embedding serves as the output matrix too.
  public var tied = false
  /// The seed of the weights.
  public var seed: UInt64 = 1
  /// `tokenizer.chat_template`, if the file is to have one.
  public var chatTemplate: String?
  /// `general.name`.
  public var name = "tiny"

  /// The model of the defaults: about 150,000 weights.
  public init() {}

  /// A model of matrices of `type`, wide enough for its blocks.
  public init(type: TensorType) {
    self.type = type
    if type.blockValues > 32 {
      embedding = 256
      feedForward = 512
    }
  }

  /// The parts of the file, to be changed before it is written.
  public func writer() -> GGUFWriter {
    var writer = GGUFWriter()
    metadata(&writer)
    TinyVocabulary.write(count: vocabulary, to: &writer)
    if let chatTemplate { writer.set("tokenizer.chat_template", .string(chatTemplate)) }
    tensors(&writer)
    return writer
  }

  /// The file with its map.
  public func image() -> GGUFImage { writer().image() }

  /// Writes the file.
  public func write(to path: String) throws { try writeFile(path, image().bytes) }

  /// Writes the model that `configure` leaves to `path`.
  public static func write(to path: String, _ configure: (inout TinyModel) -> Void = { _ in }) throws {
    var model = TinyModel()
    configure(&model)
    try model.write(to: path)
  }

  private var headLength: Int { embedding / max(heads, 1) }

  private func metadata(_ writer: inout GGUFWriter) {
    writer.set("general.architecture", .string("llama"))
    writer.set("general.type", .string("model"))
    writer.set("general.name", .string(name))
    writer.set("llama.vocab_size", .uint32(UInt32(clamping: vocabulary)))
    writer.set("llama.context_length", .uint32(UInt32(clamping: context)))
    writer.set("llama.embedding_length", .uint32(UInt32(clamping: embedding)))
    writer.set("llama.block_count", .uint32(UInt32(clamping: layers)))
    writer.set("llama.feed_forward_length", .uint32(UInt32(clamping: feedForward)))
    writer.set("llama.attention.head_count", .uint32(UInt32(clamping: heads)))
    writer.set("llama.attention.head_count_kv", .uint32(UInt32(clamping: keyValueHeads)))
    writer.set("llama.attention.layer_norm_rms_epsilon", .float32(1e-5))
    writer.set("llama.rope.dimension_count", .uint32(UInt32(clamping: headLength)))
    writer.set("llama.rope.freq_base", .float32(ropeBase))
    writer.set("general.file_type", .uint32(fileType))
    writer.set("general.quantization_version", .uint32(2))
  }

  /// llama.cpp's number of "mostly this type".
  private var fileType: UInt32 {
    switch type {
    case .f32: 0
    case .f16: 1
    case .q40: 2
    case .q41: 3
    case .q80: 7
    case .q50: 8
    case .q51: 9
    case .q2K: 10
    case .q3K: 12
    case .q4K: 15
    case .q5K: 17
    case .q6K: 18
    case .iq4NL: 25
    case .iq4XS: 30
    case .bf16: 32
    }
  }

  private func tensors(_ writer: inout GGUFWriter) {
    var random = SplitMix64(seed: seed)
    func norm(_ name: String) {
      let values = (0..<embedding).map { _ in 1 + 0.1 * random.float() }
      let bytes = Quantizer.bytes(values, as: .f32, random: &random)
      writer.tensors.append(.init(name, shape: [UInt64(embedding)], type: 0, data: bytes))
    }
    // Uniform with the variance that keeps activations their size.
    func matrix(_ name: String, _ columns: Int, _ rows: Int) {
      let size = (3 / Float(columns)).squareRoot()
      let values = (0..<(columns * rows)).map { _ in size * random.float() }
      let bytes = Quantizer.bytes(values, as: type, random: &random)
      writer.tensors.append(
        .init(name, shape: [UInt64(columns), UInt64(rows)], type: type.rawValue, data: bytes))
    }
    let keyValueWidth = headLength * keyValueHeads
    matrix("token_embd.weight", embedding, vocabulary)
    for layer in 0..<layers {
      let block = "blk.\(layer)."
      norm(block + "attn_norm.weight")
      matrix(block + "attn_q.weight", embedding, headLength * heads)
      matrix(block + "attn_k.weight", embedding, keyValueWidth)
      matrix(block + "attn_v.weight", embedding, keyValueWidth)
      matrix(block + "attn_output.weight", headLength * heads, embedding)
      norm(block + "ffn_norm.weight")
      matrix(block + "ffn_gate.weight", embedding, feedForward)
      matrix(block + "ffn_up.weight", embedding, feedForward)
      matrix(block + "ffn_down.weight", feedForward, embedding)
    }
    norm("output_norm.weight")
    if !tied { matrix("output.weight", embedding, vocabulary) }
  }
}
