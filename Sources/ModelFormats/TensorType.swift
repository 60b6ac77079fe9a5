/// The storage format of a tensor's numbers; the raw value is its number in GGUF.
///
/// Quantized types store `blockValues` neighbouring values of a row in `blockBytes`. Numbers and sizes are those of
/// ggml's `enum ggml_type` and its block structures.
public enum TensorType: Int32, Sendable, Hashable, CaseIterable {
  /// 32-bit float.
  case f32 = 0
  /// 16-bit IEEE float.
  case f16 = 1
  /// 4 bits, scale.
  case q40 = 2
  /// 4 bits, scale and minimum.
  case q41 = 3
  /// 5 bits, scale.
  case q50 = 6
  /// 5 bits, scale and minimum.
  case q51 = 7
  /// 8 bits, scale.
  case q80 = 8
  /// 2 bits, super-blocks.
  case q2K = 10
  /// 3 bits, super-blocks.
  case q3K = 11
  /// 4 bits, super-blocks.
  case q4K = 12
  /// 5 bits, super-blocks.
  case q5K = 13
  /// 6 bits, super-blocks.
  case q6K = 14
  /// 4 bits through a table, scale.
  case iq4NL = 20
  /// 4 bits through a table, super-blocks.
  case iq4XS = 23
  /// The upper half of a 32-bit float.
  case bf16 = 30

  /// The name as GGUF tools spell it, such as `Q4_K`.
  public var name: String {
    switch self {
    case .f32: "F32"
    case .f16: "F16"
    case .bf16: "BF16"
    case .q40: "Q4_0"
    case .q41: "Q4_1"
    case .q50: "Q5_0"
    case .q51: "Q5_1"
    case .q80: "Q8_0"
    case .q2K: "Q2_K"
    case .q3K: "Q3_K"
    case .q4K: "Q4_K"
    case .q5K: "Q5_K"
    case .q6K: "Q6_K"
    case .iq4NL: "IQ4_NL"
    case .iq4XS: "IQ4_XS"
    }
  }

  /// The number of values in a block; a row is a whole number of blocks.
  public var blockValues: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q40, .q41, .q50, .q51, .q80, .iq4NL: 32
    case .q2K, .q3K, .q4K, .q5K, .q6K, .iq4XS: 256
    }
  }

  /// The size of a block in bytes.
  public var blockBytes: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q40, .iq4NL: 18
    case .q41: 20
    case .q50: 22
    case .q51: 24
    case .q80: 34
    case .q2K: 84
    case .q3K: 110
    case .q4K: 144
    case .q5K: 176
    case .q6K: 210
    case .iq4XS: 136
    }
  }

  /// The alignment in bytes that a block needs to be read in place: its widest field.
  public var alignment: Int { self == .f32 ? 4 : 2 }

  /// The size in bytes of a tensor of this type, whose rows have `shape[0]` values.
  ///
  /// It is nil if a dimension is negative, a row is not a whole number of blocks, or the number of values or bytes does
  /// not fit an `Int`.
  public func byteCount(shape: [Int]) -> Int? {
    guard let values = Self.elementCount(shape: shape), (shape.first ?? 1) % blockValues == 0 else {
      return nil
    }
    let (bytes, overflow) = (values / blockValues).multipliedReportingOverflow(by: blockBytes)
    return overflow ? nil : bytes
  }

  /// The product of the dimensions; nil if one is negative or the product does not fit an `Int`.
  public static func elementCount(shape: [Int]) -> Int? {
    var product = 1
    for dimension in shape {
      guard dimension >= 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow else { return nil }
      product = next
    }
    return product
  }

  /// The type with the name `name`, in upper or lower case.
  public init?(name: String) {
    let wanted = name.uppercased()
    guard let type = Self.allCases.first(where: { $0.name == wanted }) else { return nil }
    self = type
  }

  /// The name of a type that GGUF defines and this package cannot compute with; nil for other numbers.
  static func unsupportedName(_ number: Int32) -> String? {
    switch number {
    case 4: "Q4_2"
    case 5: "Q4_3"
    case 9: "Q8_1"
    case 15: "Q8_K"
    case 16: "IQ2_XXS"
    case 17: "IQ2_XS"
    case 18: "IQ3_XXS"
    case 19: "IQ1_S"
    case 21: "IQ3_S"
    case 22: "IQ2_S"
    case 24: "I8"
    case 25: "I16"
    case 26: "I32"
    case 27: "I64"
    case 28: "F64"
    case 29: "IQ1_M"
    case 31: "Q4_0_4_4"
    case 32: "Q4_0_4_8"
    case 33: "Q4_0_8_8"
    case 34: "TQ1_0"
    case 35: "TQ2_0"
    case 36: "IQ4_NL_4_4"
    case 37: "IQ4_NL_4_8"
    case 38: "IQ4_NL_8_8"
    case 39: "MXFP4"
    case 40: "NVFP4"
    case 41: "Q1_0"
    default: nil
    }
  }
}
