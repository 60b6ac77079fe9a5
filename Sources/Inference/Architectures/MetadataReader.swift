import ModelFormats

/// Reads the keys of one architecture and refuses what is out of range, naming key, found and expected.
struct MetadataReader {
  let metadata: Metadata
  let prefix: String

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
        found: "a head of \(length) values", expected: "an even length \(text(Limits.headLength))")
    }
    let values = try optionalInteger("attention.value_length", in: Limits.headLength) ?? length
    guard values == length else {
      throw .metadata(
        key: key("attention.value_length"), found: "\(values)", expected: "attention.key_length, \(length)")
    }
    return (query, keyValue, length)
  }

  /// The size of the vocabulary, from either place that says it; both must agree.
  func vocabularySize() throws(InferenceError) -> Int? {
    let stated = try optionalInteger("vocab_size", in: Limits.vocabulary)
    let pieces = metadata.strings("tokenizer.ggml.tokens")?.count
    if let pieces, !Limits.vocabulary.contains(pieces) {
      throw .metadata(
        key: "tokenizer.ggml.tokens", found: "\(pieces) pieces", expected: text(Limits.vocabulary))
    }
    if let stated, let pieces, stated != pieces {
      throw .metadata(
        key: key("vocab_size"), found: "\(stated)", expected: "the count of tokenizer.ggml.tokens, \(pieces)")
    }
    return pieces ?? stated
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
    case .ints(let values): "an array of \(values.count) integers"
    case .floats(let values): "an array of \(values.count) floats"
    case .bools(let values): "an array of \(values.count) booleans"
    case .strings(let values): "an array of \(values.count) strings"
    case .arrays(let values): "an array of \(values.count) arrays"
    }
  }

  private func text<Bound>(_ range: ClosedRange<Bound>) -> String {
    "from \(range.lowerBound) to \(range.upperBound)"
  }
}
