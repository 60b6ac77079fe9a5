import CKernels
import ModelFormats

/// Whose arithmetic a model is computed in: what is rounded, and in which order sums run.
///
/// Activations of quantised weights are rounded to bytes in every layer, so two programs that add in another order
/// soon round differently: their logits are equally far from the exact ones, and in the long run their texts differ.
public enum Arithmetic: String, Sendable, CaseIterable, BitwiseCopyable {
  /// This project's: the fastest, and nothing is rounded but activations to bytes.
  case own
  /// llama.cpp's where it is built for AVX-512, to the bit: its logits for prompts of fewer than 64 tokens and contexts
  /// of up to 256 positions. (Beyond, llama.cpp's order depends on how many tokens and threads there are; here nothing
  /// depends on either.)
  case llamaCppAVX512 = "llama.cpp-avx512"
  /// llama.cpp's where it is built for AMX, whose matrix products add up in another order.
  case llamaCppAMX = "llama.cpp-amx"

  /// llama.cpp's as it is built for this processor; nil where that is neither of these.
  public static var llamaCpp: Arithmetic? {
    switch ck_arithmetic_of_llama_cpp() {
    case CK_ARITHMETIC_LLAMA_CPP: .llamaCppAVX512
    case CK_ARITHMETIC_LLAMA_CPP_AMX: .llamaCppAMX
    default: nil
    }
  }

  /// The names that `init(name:)` takes.
  public static let names = ["own", "llama.cpp", "llama.cpp-avx512", "llama.cpp-amx"]

  /// The arithmetic of a name; "llama.cpp" is that of this processor, or of AVX-512 where there is none.
  public init?(name: String) {
    guard name == "llama.cpp" else {
      self.init(rawValue: name)
      return
    }
    self = .llamaCpp ?? .llamaCppAVX512
  }

  var kernelArithmetic: ck_arithmetic {
    switch self {
    case .own: CK_ARITHMETIC_OWN
    case .llamaCppAVX512: CK_ARITHMETIC_LLAMA_CPP
    case .llamaCppAMX: CK_ARITHMETIC_LLAMA_CPP_AMX
    }
  }

  /// Why a model cannot be computed in this arithmetic; nil: it can.
  func objection(_ configuration: ModelConfiguration, _ file: ModelFile) -> String? {
    guard self != .own else { return nil }
    let step = Int(CK_LLAMA_CPP_HEAD_STEP)
    guard configuration.headLength.isMultiple(of: step) else {
      return "heads of \(configuration.headLength) values; \(rawValue) takes multiples of \(step)"
    }
    if case .yarn = configuration.rope.scaling {
      return "rope.scaling.type yarn; \(rawValue) takes none or linear"
    }
    guard configuration.cacheType == .f16 else {
      return "a cache of \(configuration.cacheType); \(rawValue) takes f16"
    }
    let matrices = file.tensors.values.filter { $0.shape.count == 2 && !takes($0.type) }
    guard let tensor = matrices.min(by: { $0.name < $1.name }) else { return nil }
    let known = TensorType.allCases.filter(takes).map(\.name).joined(separator: ", ")
    return "tensor \(tensor.name) of type \(tensor.type.name); \(rawValue) takes \(known)"
  }

  private func takes(_ type: TensorType) -> Bool {
    ck_type_is_known(type.rawValue)
      && ck_arithmetic_takes(kernelArithmetic, ck_type(UInt32(type.rawValue)))
  }
}
