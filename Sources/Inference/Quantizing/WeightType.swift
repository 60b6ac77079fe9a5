public import ModelFormats

/// The format that most weights of a model are converted to.
///
/// Which tensor gets which format follows llama.cpp's quantiser: norms and vectors stay floats, the output matrix of a
/// 4-bit model gets Q6_K, and a matrix whose rows do not fill the blocks gets the next format that they do fill.
public enum WeightType: String, Sendable, CaseIterable {
  /// 32-bit floats.
  case f32
  /// 16-bit IEEE floats.
  case f16
  /// The upper halves of 32-bit floats.
  case bf16
  /// 8 bits, a scale for 32 values.
  case q80 = "q8_0"
  /// 4 bits, a scale for 32 values.
  case q40 = "q4_0"
  /// 4 bits, 6-bit scales and minimums for 32 values.
  case q4K = "q4_k"

  /// Those that take fewer bits than floats.
  public static let quantized: [WeightType] = [.q80, .q40, .q4K]

  /// The format of most tensors.
  public var tensorType: TensorType {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .q80: .q80
    case .q40: .q40
    case .q4K: .q4K
    }
  }

  /// The number that `general.file_type` has for it in llama.cpp (`enum llama_ftype`); Q4_K counts as Q4_K_S.
  public var fileType: UInt64 {
    switch self {
    case .f32: 0
    case .f16: 1
    case .q40: 2
    case .q80: 7
    case .q4K: 14
    case .bf16: 32
    }
  }

  /// The format that one tensor of a model gets.
  ///
  /// - Parameter isOutput: Whether its rows give the logits of tokens.
  public func type(of tensor: Tensor, isOutput: Bool) -> TensorType {
    guard Self.isMatrix(tensor) else { return tensor.type.isFloat ? .f32 : tensor.type }
    var type = isOutput && (self == .q40 || self == .q4K) ? TensorType.q6K : tensorType
    while !tensor.columns.isMultiple(of: type.blockValues) { type = Self.fallback(for: type) }
    return type
  }

  /// The matrices that a network multiplies with; what it adds or scales with is small and matters more.
  private static func isMatrix(_ tensor: Tensor) -> Bool {
    tensor.shape.count >= 2 && tensor.rows > 1 && tensor.name.hasSuffix(".weight")
      && !kept.contains { tensor.name.contains($0) }
  }

  /// Parts of the names of other tensors of two dimensions.
  private static let kept = [
    "_norm.", "ffn_gate_inp.", "position_embd.", "token_types.", "rope_freqs.", "rope_factors", "ssm_conv1d.",
  ]

  private static func fallback(for type: TensorType) -> TensorType {
    switch type {
    case .q4K: .q50
    case .q6K: .q80
    default: .f16
    }
  }
}

extension TensorType {
  /// Whether values are stored one by one.
  var isFloat: Bool { blockValues == 1 }
}

extension ModelFile {
  /// Whether a tensor's rows give the logits of tokens: without an output matrix, the embeddings serve as one.
  func isOutput(_ tensor: Tensor) -> Bool {
    tensor.name == "output.weight"
      || tensor.name == "token_embd.weight" && tensors["output.weight"] == nil
  }
}
