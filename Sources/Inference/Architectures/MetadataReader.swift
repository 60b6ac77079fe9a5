import ModelFormats
import Units

/// Reads the keys of one architecture and refuses what is out of range, naming key, found and expected.
struct MetadataReader {
  let metadata: Metadata
  let prefix: String
  /// The values that were not used because they only replace a default, and why, one sentence each.
  private(set) var setAside: [String] = []

  /// A reader of the keys that begin with `prefix`.
  init(metadata: Metadata, prefix: String) {
    self.metadata = metadata
    self.prefix = prefix
  }

  /// The key as the file spells it.
  func key(_ name: String) -> String { "\(prefix).\(name)" }

  /// A required integer.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(InferenceError) -> Int {
    guard let value = try optionalInteger(name, in: range) else {
      throw .metadata(key: key(name), found: "absent", expected: "an integer \(text(range))")
    }
    return value
  }

  /// An integer, or nil when the file has none; an array whose elements agree counts as that one number.
  func optionalInteger(_ name: String, in range: ClosedRange<Int>) throws(InferenceError) -> Int? {
    let key = key(name)
    guard let raw = metadata[key] else { return nil }
    var value = metadata.integer(key)
    if case .ints(let values) = raw {
      guard let first = values.first, values.allSatisfy({ $0 == first }) else {
        throw .metadata(key: key, found: describe(raw), expected: "one integer for all layers")
      }
      value = Int(exactly: first)
    }
    guard let value, range.contains(value) else {
      throw .metadata(key: key, found: describe(raw), expected: "an integer \(text(range))")
    }
    return value
  }

  /// A required number.
  func float(_ name: String, in range: ClosedRange<Float>) throws(InferenceError) -> Float {
    guard let value = try optionalFloat(name, in: range) else {
      throw .metadata(key: key(name), found: "absent", expected: "a number \(text(range))")
    }
    return value
  }

  /// A number, or nil when the file has none; NaN is in no range.
  func optionalFloat(_ name: String, in range: ClosedRange<Float>) throws(InferenceError) -> Float? {
    let key = key(name)
    guard let raw = metadata[key] else { return nil }
    guard let value = metadata.float(key), range.contains(value) else {
      throw .metadata(key: key, found: describe(raw), expected: "a number \(text(range))")
    }
    return value
  }

  /// A number that only replaces the default `fallback`: one that cannot be used is set aside.
  mutating func float(_ name: String, in range: ClosedRange<Float>, default fallback: Float) -> Float {
    let key = key(name)
    guard let raw = metadata[key] else { return fallback }
    if let value = metadata.float(key), range.contains(value) { return value }
    setAside.append("\(key) is \(describe(raw)), not a number \(text(range)); \(fallback) is used")
    return fallback
  }

  /// An integer that only replaces the default `fallback`: one that cannot be used is set aside.
  mutating func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) -> Int {
    let key = key(name)
    guard let raw = metadata[key] else { return fallback }
    if let value = metadata.integer(key), range.contains(value) { return value }
    setAside.append("\(key) is \(describe(raw)), not an integer \(text(range)); \(fallback) is used")
    return fallback
  }

  /// A text, or nil when the file has none; a value of another type is an error.
  func optionalText(_ name: String) throws(InferenceError) -> String? {
    let key = key(name)
    guard let raw = metadata[key] else { return nil }
    guard let text = metadata.string(key) else {
      throw .metadata(key: key, found: describe(raw), expected: "a string in UTF-8")
    }
    return text
  }

  /// Head counts and head length, which must fit each other.
  func heads(embeddingLength: Int) throws(InferenceError) -> (query: Int, keyValue: Int, length: Int) {
    let query = try integer("attention.head_count", in: Limits.heads)
    let keyValue = try optionalInteger("attention.head_count_kv", in: 1...query) ?? query
    guard query.isMultiple(of: keyValue) else {
      throw .metadata(
        key: key("attention.head_count_kv"), found: "\(keyValue)",
        expected: "a divisor of head_count \(query)")
    }
    let stated = try optionalInteger("attention.key_length", in: Limits.headLength)
    if stated == nil, !embeddingLength.isMultiple(of: query) {
      throw .metadata(
        key: key("attention.head_count"), found: "\(query)",
        expected: "a divisor of embedding_length \(embeddingLength), or attention.key_length")
    }
    let length = stated ?? embeddingLength / query
    guard length.isMultiple(of: 2), Limits.headLength.contains(length) else {
      throw .metadata(
        key: key(stated == nil ? "attention.head_count" : "attention.key_length"),
        found: "a head of \(counted(length, "value"))", expected: "an even length \(text(Limits.headLength))")
    }
    let values = try optionalInteger("attention.value_length", in: Limits.headLength) ?? length
    guard values == length else {
      throw .metadata(
        key: key("attention.value_length"), found: "\(values)", expected: "attention.key_length, \(length)")
    }
    return (query, keyValue, length)
  }

  /// The size of the vocabulary: that of the token list, or what the file states if it has no list.
  mutating func vocabularySize() throws(InferenceError) -> Int? {
    let list = "tokenizer.ggml.tokens"
    guard let pieces = metadata.strings(list)?.count else {
      return try optionalInteger("vocab_size", in: Limits.vocabulary)
    }
    guard Limits.vocabulary.contains(pieces) else {
      throw .metadata(key: list, found: counted(pieces, "piece"), expected: text(Limits.vocabulary))
    }
    let key = key("vocab_size")
    if let stated = metadata[key], metadata.integer(key) != pieces {
      setAside.append(
        "\(key) is \(describe(stated)), but \(list) has \(counted(pieces, "token")); the list counts")
    }
    return pieces
  }

  /// Refuses mixtures of experts, which share the architecture name but not the feed-forward block.
  func rejectExperts() throws(InferenceError) {
    let experts = try optionalInteger("expert_count", in: 0...Int(Int32.max)) ?? 0
    guard experts == 0 else {
      throw .metadata(key: key("expert_count"), found: "\(experts)", expected: "0: experts are not supported")
    }
  }

  /// A value as a person would write it.
  func describe(_ value: MetadataValue) -> String {
    switch value {
    case .int(let value): "\(value)"
    case .uint(let value): "\(value)"
    case .float(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let bytes): "'\(String(decoding: bytes.prefix(64), as: UTF8.self))'"
    case .ints(let values): "an array of \(counted(values.count, "integer"))"
    case .floats(let values): "an array of \(counted(values.count, "float"))"
    case .bools(let values): "an array of \(counted(values.count, "boolean"))"
    case .strings(let values): "an array of \(counted(values.count, "string"))"
    case .arrays(let values): "an array of \(counted(values.count, "array"))"
    }
  }

  private func text<Bound>(_ range: ClosedRange<Bound>) -> String {
    "from \(range.lowerBound) to \(range.upperBound)"
  }
}
