/// Builds GGUF files for tests, right ones and wrong ones.
///
/// Written from docs/gguf.md of ggml-org/ggml and independent of the reader that it tests.
public struct GGUFWriter: Sendable {
  /// A metadata value with the exact type that the file gets.
  public indirect enum Value: Sendable {
    /// Unsigned, 8 bits.
    case uint8(UInt8)
    /// Signed, 8 bits.
    case int8(Int8)
    /// Unsigned, 16 bits.
    case uint16(UInt16)
    /// Signed, 16 bits.
    case int16(Int16)
    /// Unsigned, 32 bits.
    case uint32(UInt32)
    /// Signed, 32 bits.
    case int32(Int32)
    /// 32-bit float.
    case float32(Float)
    /// One byte, 0 or 1.
    case bool(Bool)
    /// Text.
    case string(String)
    /// A string of any bytes.
    case bytes([UInt8])
    /// An array; every element of type `type`.
    case array(type: UInt32, [Value])
    /// Unsigned, 64 bits.
    case uint64(UInt64)
    /// Signed, 64 bits.
    case int64(Int64)
    /// 64-bit float.
    case float64(Double)
    /// Any type number followed by any bytes.
    case raw(type: UInt32, [UInt8])

    /// An array of strings.
    public static func strings(_ values: [String]) -> Value { .array(type: 8, values.map { .string($0) }) }
    /// An array of 32-bit floats.
    public static func floats(_ values: [Float]) -> Value { .array(type: 6, values.map { .float32($0) }) }
    /// An array of signed 32-bit integers.
    public static func int32s(_ values: [Int32]) -> Value { .array(type: 5, values.map { .int32($0) }) }

    /// The number of the type in the file.
    var type: UInt32 {
      switch self {
      case .uint8: 0
      case .int8: 1
      case .uint16: 2
      case .int16: 3
      case .uint32: 4
      case .int32: 5
      case .float32: 6
      case .bool: 7
      case .string, .bytes: 8
      case .array: 9
      case .uint64: 10
      case .int64: 11
      case .float64: 12
      case .raw(let type, _): type
      }
    }
  }

  /// A tensor for the directory.
  public struct Tensor: Sendable {
    /// The name; any bytes.
    public var name: [UInt8]
    /// The dimensions, contiguous first.
    public var shape: [UInt64]
    /// The type's number.
    public var type: Int32
    /// The data, as it is.
    public var data: [UInt8]
    /// The offset to write instead of the right one.
    public var offset: UInt64?

    /// A tensor with its data.
    public init(_ name: String, shape: [UInt64], type: Int32, data: [UInt8], offset: UInt64? = nil) {
      self.name = Array(name.utf8)
      self.shape = shape
      self.type = type
      self.data = data
      self.offset = offset
    }
  }

  /// The version to write.
  public var version: UInt32 = 3
  /// The alignment of tensor data; `general.alignment` is the caller's to add.
  public var alignment = 32
  /// The pairs in order; keys may repeat.
  public var pairs: [(key: [UInt8], value: Value)] = []
  /// The tensors in order; names may repeat.
  public var tensors: [Tensor] = []

  /// An empty file.
  public init() {}

  /// Replaces the value of `key`, or appends the pair.
  public mutating func set(_ key: String, _ value: Value) {
    let bytes = Array(key.utf8)
    if let index = pairs.firstIndex(where: { $0.key == bytes }) {
      pairs[index].value = value
    } else {
      pairs.append((bytes, value))
    }
  }

  /// Takes `key` out.
  public mutating func remove(_ key: String) {
    pairs.removeAll { $0.key == Array(key.utf8) }
  }

  /// The file.
  public func image() -> GGUFImage {
    var out = Output()
    out.field("magic", .magic) { $0.put(Array("GGUF".utf8)) }
    out.field("version", .version) { $0.put(version) }
    out.field("tensors.count", .count) { $0.put(UInt64(tensors.count)) }
    out.field("metadata.count", .count) { $0.put(UInt64(pairs.count)) }
    for (key, value) in pairs {
      let label = "metadata[\(String(decoding: key, as: UTF8.self))]"
      out.field(label, .pair) {
        $0.put(string: key, label + ".key")
        $0.field(label + ".type", .type) { $0.put(value.type) }
        $0.put(value, label + ".value")
      }
    }
    let offsets = directory(&out)
    out.pad(to: alignment)
    let start = out.image.bytes.count
    for (tensor, offset) in zip(tensors, offsets) {
      out.pad(upTo: start + offset)
      let label = "tensor[\(String(decoding: tensor.name, as: UTF8.self))].data"
      out.field(label, .data) { $0.put(tensor.data) }
    }
    out.pad(to: alignment)
    return out.image
  }

  /// Writes the directory; gives the right offsets.
  private func directory(_ out: inout Output) -> [Int] {
    var offsets: [Int] = []
    var next = 0
    for tensor in tensors {
      let label = "tensor[\(String(decoding: tensor.name, as: UTF8.self))]"
      out.field(label, .entry) {
        $0.put(string: tensor.name, label + ".name")
        $0.field(label + ".rank", .rank) { $0.put(UInt32(tensor.shape.count)) }
        for (index, dimension) in tensor.shape.enumerated() {
          $0.field(label + ".dimension[\(index)]", .dimension) { $0.put(dimension) }
        }
        $0.field(label + ".type", .type) { $0.put(tensor.type) }
        $0.field(label + ".offset", .offset) { $0.put(tensor.offset ?? UInt64(next)) }
      }
      offsets.append(next)
      next += (tensor.data.count + alignment - 1) / alignment * alignment
    }
    return offsets
  }

  /// An image under construction.
  private struct Output {
    var image = GGUFImage()

    mutating func put(_ bytes: [UInt8]) { image.bytes += bytes }

    mutating func put(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { image.bytes.append(contentsOf: $0) }
    }

    mutating func put(string: [UInt8], _ label: String) {
      field(label + ".length", .length) { $0.put(UInt64(string.count)) }
      if !string.isEmpty { field(label, .text) { $0.put(string) } }
    }

    mutating func put(_ value: Value, _ label: String) {
      switch value {
      case .string(let text): put(string: Array(text.utf8), label)
      case .bytes(let bytes): put(string: bytes, label)
      case .array(let type, let values):
        field(label + ".element", .type) { $0.put(type) }
        field(label + ".count", .count) { $0.put(UInt64(values.count)) }
        for (index, element) in values.enumerated() { put(element, label + "[\(index)]") }
      default: field(label, .scalar) { $0.put(scalar: value) }
      }
    }

    private mutating func put(scalar: Value) {
      switch scalar {
      case .uint8(let value): put(value)
      case .int8(let value): put(value)
      case .uint16(let value): put(value)
      case .int16(let value): put(value)
      case .uint32(let value): put(value)
      case .int32(let value): put(value)
      case .float32(let value): put(value.bitPattern)
      case .bool(let value): put(value ? 1 as UInt8 : 0)
      case .uint64(let value): put(value)
      case .int64(let value): put(value)
      case .float64(let value): put(value.bitPattern)
      case .raw(_, let bytes): put(bytes)
      case .string, .bytes, .array: break
      }
    }

    mutating func pad(to alignment: Int) {
      pad(upTo: (image.bytes.count + alignment - 1) / alignment * alignment)
    }

    mutating func pad(upTo count: Int) {
      image.bytes += [UInt8](repeating: 0, count: max(0, count - image.bytes.count))
    }

    mutating func field(_ label: String, _ meaning: GGUFImage.Meaning, _ write: (inout Output) -> Void) {
      let start = image.bytes.count
      write(&self)
      let range = start..<image.bytes.count
      if !range.isEmpty { image.fields.append(.init(label: label, meaning: meaning, range: range)) }
    }
  }
}
