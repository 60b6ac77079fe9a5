import CKernels

/// The type of keys and values in the cache.
public enum CacheType: String, Sendable, CaseIterable, BitwiseCopyable {
  /// IEEE half precision: 2 bytes a value, as is usual with quantised weights.
  case f16
  /// Single precision: 4 bytes a value; nothing is rounded.
  case f32

  /// Bytes of one value.
  var bytes: Int { ck_cache_value_bytes(kernelType) }

  var kernelType: ck_cache_type {
    switch self {
    case .f16: CK_CACHE_F16
    case .f32: CK_CACHE_F32
    }
  }
}
