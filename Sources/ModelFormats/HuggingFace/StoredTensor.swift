/// A tensor as a checkpoint's file has it, before it gets its name and order in GGUF.
struct StoredTensor: Sendable {
  /// The name, such as `model.layers.0.self_attn.q_proj.weight`.
  let name: String
  /// The storage format; nil if this package cannot compute with it.
  let type: TensorType?
  /// The format as the file spells it, such as `F64`.
  let typeName: String
  /// The dimensions in PyTorch's order: the contiguous one is last.
  let shape: [Int]
  /// The file with the bytes, and their place in it.
  let file: MappedFile
  let offset: Int
  let byteCount: Int
}
