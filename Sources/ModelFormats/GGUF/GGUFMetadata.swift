/// Reads the key-value pairs of a GGUF file.
struct GGUFMetadata {
  /// The memory of an array besides its elements, in bytes: object header, count, capacity, allocator.
  private static let arrayOverhead = 48

  private var reader: ByteReader
  /// The memory that may still be used, in bytes.
  private var budget: Int
  /// The element type of the newest array that is in no other one.
  private var elementType = GGUFValueType.uint8

  /// Reads `count` pairs.
  static func read(_ reader: inout ByteReader, count: Int) throws(ModelFormatError) -> Metadata {
    let (sum, overflow) = reader.bytes.count.addingReportingOverflow(Limits.metadataOverheadBytes)
    var parser = GGUFMetadata(reader: reader, budget: overflow ? .max : sum)
    var metadata = Metadata()
    for index in 0..<count {
      let start = parser.reader.offset
      let key = try parser.key(index)
      let label = ModelFormatError.quoted(key)
      let type = try parser.type("the type of \(label)")
      let value = try parser.value(type, label)
      guard metadata.add(key, value, type: type == .array ? parser.elementType : type) else {
        throw reader.error(
          .invalid, at: start, "the key \(label) occurs twice", expected: "keys must be unique")
      }
    }
    reader = parser.reader
    return metadata
  }

  private init(reader: ByteReader, budget: Int) {
    self.reader = reader
    self.budget = budget
  }

  private mutating func key(_ index: Int) throws(ModelFormatError) -> String {
    let start = reader.offset
    let bytes = try reader.string(limit: Limits.keyBytes, "metadata key \(index)")
    guard !bytes.isEmpty, let key = String(validating: bytes, as: UTF8.self) else {
      throw reader.error(
        .invalid, at: start, "metadata key \(index) is empty or not UTF-8",
        expected: "a key must have a name")
    }
    try charge(bytes.count, 2 * Self.arrayOverhead, "metadata key \(index)")
    return key
  }

  private mutating func type(_ what: @autoclosure () -> String) throws(ModelFormatError) -> GGUFValueType {
    let start = reader.offset
    let number = try reader.integer(UInt32.self, what())
    guard let type = GGUFValueType(rawValue: number) else {
      throw reader.error(
        .invalid, at: start, "\(what()) is \(number)", expected: "value types range from 0 to 12")
    }
    return type
  }

  /// The next value; `label` is its key for errors.
  private mutating func value(
    _ type: GGUFValueType, _ label: String
  ) throws(ModelFormatError) -> MetadataValue {
    switch type {
    case .uint8: .uint(UInt64(try reader.integer(UInt8.self, label)))
    case .uint16: .uint(UInt64(try reader.integer(UInt16.self, label)))
    case .uint32: .uint(UInt64(try reader.integer(UInt32.self, label)))
    case .uint64: .uint(try reader.integer(UInt64.self, label))
    case .int8: .int(Int64(try reader.integer(Int8.self, label)))
    case .int16: .int(Int64(try reader.integer(Int16.self, label)))
    case .int32: .int(Int64(try reader.integer(Int32.self, label)))
    case .int64: .int(try reader.integer(Int64.self, label))
    case .float32: .float(Double(try reader.float32(label)))
    case .float64: .float(try reader.float64(label))
    case .bool: .bool(try reader.bool(label))
    case .string: .string(try string(label))
    case .array: try array(label, depth: 1)
    }
  }

  private mutating func string(_ label: String) throws(ModelFormatError) -> [UInt8] {
    let bytes = try reader.string(limit: Limits.stringBytes, label)
    try charge(bytes.count, Self.arrayOverhead, label)
    return [UInt8](bytes)
  }

  private mutating func array(_ label: String, depth: Int) throws(ModelFormatError) -> MetadataValue {
    guard depth <= Limits.arrayDepth else {
      throw reader.error(
        .tooLarge, "\(label) nests arrays too deeply",
        expected: "at most \(Limits.arrayDepth) levels are allowed")
    }
    let element = try type("the element type of \(label)")
    if depth == 1 { elementType = element }
    let start = reader.offset
    let claimed = try reader.integer(UInt64.self, "the length of \(label)")
    let count = try reader.count(
      claimed, elementBytes: element.leastBytes, limit: Limits.arrayElements, at: start,
      "the length of \(label)")
    // Cannot overflow, since `count` is at most `Limits.arrayElements`.
    try charge(count * element.residentBytes, Self.arrayOverhead, label)
    typealias Failure = ModelFormatError
    switch element {
    case .uint8: return try integers(count, UInt8.self, label)
    case .uint16: return try integers(count, UInt16.self, label)
    case .uint32: return try integers(count, UInt32.self, label)
    case .uint64: return try integers(count, UInt64.self, label)
    case .int8: return try integers(count, Int8.self, label)
    case .int16: return try integers(count, Int16.self, label)
    case .int32: return try integers(count, Int32.self, label)
    case .int64: return try integers(count, Int64.self, label)
    case .float32:
      return .floats(try elements(count) { (it) throws(Failure) in try it.reader.float32(label) })
    case .float64:
      return .floats(try elements(count) { (it) throws(Failure) in Float(try it.reader.float64(label)) })
    case .bool:
      return .bools(try elements(count) { (it) throws(Failure) in try it.reader.bool(label) })
    case .string:
      return .strings(try elements(count) { (it) throws(Failure) in try it.string(label) })
    case .array:
      return .arrays(
        try elements(count) { (it) throws(Failure) in try it.array(label, depth: depth + 1) })
    }
  }

  private mutating func integers<T: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int, _ type: T.Type, _ label: String
  ) throws(ModelFormatError) -> MetadataValue {
    .ints(
      try elements(count) { (parser) throws(ModelFormatError) in
        let value = try parser.reader.integer(T.self, label)
        guard let wide = Int64(exactly: value) else {
          throw parser.reader.error(
            .tooLarge, "\(label) contains \(value)", expected: "at most \(Int64.max) is allowed")
        }
        return wide
      })
  }

  private mutating func elements<T>(
    _ count: Int, _ next: (inout GGUFMetadata) throws(ModelFormatError) -> T
  ) throws(ModelFormatError) -> [T] {
    var result: [T] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(try next(&self)) }
    return result
  }

  /// Takes `bytes + overhead` out of the budget.
  private mutating func charge(
    _ bytes: Int, _ overhead: Int, _ label: String
  ) throws(ModelFormatError) {
    let (left, overflow) = budget.subtractingReportingOverflow(bytes + overhead)
    guard !overflow, left >= 0 else {
      throw reader.error(
        .tooLarge, "the metadata up to \(label) takes too much memory",
        expected: "the size of the file plus \(ByteSize(Limits.metadataOverheadBytes)) is allowed")
    }
    budget = left
  }
}
