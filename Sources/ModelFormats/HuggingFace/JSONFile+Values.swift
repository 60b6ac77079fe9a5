import JSON

/// Values of a configuration, checked; an error names the key, what was found and what would be right.
extension JSONFile {
  /// An integer; nil if the key is missing.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelFormatError) -> Int? {
    guard let value = self[key] else { return nil }
    guard let number = value.int, range.contains(number) else {
      throw error(key, value, expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// An integer that must be there.
  func required(_ key: String, in range: ClosedRange<Int>) throws(ModelFormatError) -> Int {
    guard let number = try integer(key, in: range) else {
      throw error(key, nil, expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A number; nil if the key is missing.
  func number(_ key: String, in range: ClosedRange<Double>) throws(ModelFormatError) -> Double? {
    guard let value = self[key] else { return nil }
    guard let number = value.double, range.contains(number) else {
      throw error(key, value, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A boolean; nil if the key is missing.
  func flag(_ key: String) throws(ModelFormatError) -> Bool? {
    guard let value = self[key] else { return nil }
    guard let flag = value.bool else { throw error(key, value, expected: "true or false") }
    return flag
  }

  /// A text; nil if the key is missing.
  func text(_ key: String) throws(ModelFormatError) -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.string else { throw error(key, value, expected: "a string") }
    return text
  }

  /// The object of `key` as a text of its own; nil if the key is missing.
  func object(_ key: String) throws(ModelFormatError) -> JSONFile? {
    guard let value = self[key] else { return nil }
    guard value.kind == .object else { throw error(key, value, expected: "an object") }
    return JSONFile(path: path, root: value, prefix: prefix + key + ".")
  }
}
