/// A value in a model file's metadata; integers of every width are widened to 64 bits.
///
/// Strings stay bytes because the pieces of a vocabulary need not be UTF-8.
public enum MetadataValue: Sendable, Equatable {
  /// Any signed integer type of the file.
  case int(Int64)
  /// Any unsigned integer type of the file.
  case uint(UInt64)
  /// A 32- or 64-bit float.
  case float(Double)
  /// A boolean.
  case bool(Bool)
  /// A string as its bytes; usually, but not always, UTF-8.
  case string([UInt8])
  /// An array of integers (any width), widened.
  case ints([Int64])
  /// An array of floats; scores of a vocabulary.
  case floats([Float])
  /// An array of booleans.
  case bools([Bool])
  /// An array of strings; pieces and merges of a vocabulary.
  case strings([[UInt8]])
  /// An array of arrays.
  case arrays([MetadataValue])
}

/// The metadata of a model: keys as the file spells them (`llama.context_length`) to values.
public struct Metadata: Sendable {
  /// Every value by key.
  public private(set) var values: [String: MetadataValue]
  /// The keys in the order of the file.
  public private(set) var keys: [String]
  /// The type of each value in its GGUF file, or of an array's elements; nothing for values from elsewhere.
  public private(set) var types: [String: GGUFValueType]

  /// An empty table.
  public init() {
    values = [:]
    keys = []
    types = [:]
  }

  /// The value of `key`; nil if the file has none.
  public subscript(key: String) -> MetadataValue? { values[key] }

  /// Adds a value; if the key exists already, gives false and changes nothing.
  @discardableResult
  public mutating func add(_ key: String, _ value: MetadataValue, type: GGUFValueType? = nil) -> Bool {
    guard values[key] == nil else { return false }
    values[key] = value
    types[key] = type
    keys.append(key)
    return true
  }

  /// Adds a value, or replaces the one that the key has.
  public mutating func set(_ key: String, _ value: MetadataValue, type: GGUFValueType? = nil) {
    if values.updateValue(value, forKey: key) == nil { keys.append(key) }
    types[key] = type
  }

  /// Removes a value; no effect if there is none.
  public mutating func remove(_ key: String) {
    guard values.removeValue(forKey: key) != nil else { return }
    types[key] = nil
    keys.removeAll { $0 == key }
  }

  /// The integer of `key`, of any width; nil if the value is missing, not an integer or does not fit an `Int`.
  public func integer(_ key: String) -> Int? {
    switch values[key] {
    case .int(let value): Int(exactly: value)
    case .uint(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number of `key` as a float; nil if the value is missing or not a number.
  public func float(_ key: String) -> Float? {
    switch values[key] {
    case .float(let value): Float(value)
    case .int(let value): Float(value)
    case .uint(let value): Float(value)
    default: nil
    }
  }

  /// The boolean of `key`; nil if the value is missing or not a boolean.
  public func bool(_ key: String) -> Bool? {
    if case .bool(let value) = values[key] { value } else { nil }
  }

  /// The string of `key`; nil if the value is missing, not a string or not UTF-8.
  public func string(_ key: String) -> String? {
    if case .string(let bytes) = values[key] { String(validating: bytes, as: UTF8.self) } else { nil }
  }

  /// The array of strings of `key`, as bytes; nil if the value is missing or of another type.
  public func strings(_ key: String) -> [[UInt8]]? {
    if case .strings(let value) = values[key] { value } else { nil }
  }

  /// The array of floats of `key`; nil if the value is missing or of another type.
  public func floats(_ key: String) -> [Float]? {
    if case .floats(let value) = values[key] { value } else { nil }
  }

  /// The array of integers of `key`; nil if the value is missing or of another type.
  public func integers(_ key: String) -> [Int64]? {
    if case .ints(let value) = values[key] { value } else { nil }
  }
}
