/// The bytes of metadata as a GGUF file holds them.
struct GGUFValues {
  /// What has been written.
  private(set) var bytes: [UInt8] = []

  mutating func put(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A length and that many bytes.
  mutating func put(string: some Collection<UInt8>) {
    put(UInt64(string.count))
    bytes.append(contentsOf: string)
  }

  /// A key, a type and a value; `type` is nil for a value that no GGUF file had, which gets 32 bits if it fits them.
  mutating func put(key: String, _ value: MetadataValue, type: GGUFValueType?) {
    put(string: key.utf8)
    switch value {
    case .ints, .floats, .bools, .strings, .arrays:
      put(GGUFValueType.array.rawValue)
      put(array: value, type: type)
    default:
      let type = type ?? Self.usualType(of: value)
      put(type.rawValue)
      put(scalar: value, type)
    }
  }

  mutating func pad(to alignment: Int) {
    let rest = bytes.count % alignment
    if rest > 0 { bytes.append(contentsOf: repeatElement(0, count: alignment - rest)) }
  }

  private mutating func put(array value: MetadataValue, type: GGUFValueType?) {
    let type = type ?? Self.usualType(of: value)
    switch value {
    case .ints(let values):
      start(type, values.count)
      for value in values { put(integer: value, type) }
    case .floats(let values):
      // Elements of 64 bits were narrowed when they were read.
      start(.float32, values.count)
      for value in values { put(value.bitPattern) }
    case .bools(let values):
      start(.bool, values.count)
      for value in values { put(value ? 1 as UInt8 : 0) }
    case .strings(let values):
      start(.string, values.count)
      for value in values { put(string: value) }
    case .arrays(let values):
      start(.array, values.count)
      for value in values { put(array: value, type: nil) }
    default: break
    }
  }

  private mutating func start(_ type: GGUFValueType, _ count: Int) {
    put(type.rawValue)
    put(UInt64(count))
  }

  private mutating func put(scalar value: MetadataValue, _ type: GGUFValueType) {
    switch value {
    case .int(let value): put(integer: value, type)
    case .uint(let value): put(integer: Int64(bitPattern: value), type)
    case .float(let value):
      if type == .float64 { put(value.bitPattern) } else { put(Float(value).bitPattern) }
    case .bool(let value): put(value ? 1 as UInt8 : 0)
    case .string(let bytes): put(string: bytes)
    default: break
    }
  }

  /// The low bits of an integer, as many as its type has.
  private mutating func put(integer value: Int64, _ type: GGUFValueType) {
    switch type {
    case .uint8, .int8: put(UInt8(truncatingIfNeeded: value))
    case .uint16, .int16: put(UInt16(truncatingIfNeeded: value))
    case .uint32, .int32: put(UInt32(truncatingIfNeeded: value))
    default: put(value)
    }
  }

  /// The type that programs expect for a value: 32 bits if it fits.
  private static func usualType(of value: MetadataValue) -> GGUFValueType {
    switch value {
    case .int(let value): Int32(exactly: value) != nil ? .int32 : .int64
    case .uint(let value): UInt32(exactly: value) != nil ? .uint32 : .uint64
    case .float, .floats: .float32
    case .bool, .bools: .bool
    case .string, .strings: .string
    case .ints(let values): values.allSatisfy { Int32(exactly: $0) != nil } ? .int32 : .int64
    case .arrays: .array
    }
  }
}
