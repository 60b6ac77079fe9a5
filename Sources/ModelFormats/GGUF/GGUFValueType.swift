/// The types of metadata values in a GGUF file; the raw value is the number in the file.
public enum GGUFValueType: UInt32, Sendable {
  /// Unsigned, 8 bits.
  case uint8
  /// Signed, 8 bits.
  case int8
  /// Unsigned, 16 bits.
  case uint16
  /// Signed, 16 bits.
  case int16
  /// Unsigned, 32 bits.
  case uint32
  /// Signed, 32 bits.
  case int32
  /// 32-bit float.
  case float32
  /// One byte, 0 or 1.
  case bool
  /// A length and bytes.
  case string
  /// An element type, a length and elements.
  case array
  /// Unsigned, 64 bits.
  case uint64
  /// Signed, 64 bits.
  case int64
  /// 64-bit float.
  case float64

  /// The smallest size of a value in the file, in bytes.
  var leastBytes: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }

  /// The size of an array element in memory, in bytes; for a string without its content.
  var residentBytes: Int {
    switch self {
    case .bool: 1
    case .float32, .float64: 4
    case .array: 16
    default: 8
    }
  }
}
