import JSON
import WorkbenchAPI

/// The parameters of a body: each is read once, and what nobody has read is an error, so that nothing is ignored.
///
/// A null is as a parameter that is not there, as clients mean it.
struct Parameters {
  private var values: [String: JSONValue] = [:]
  private var names: [String] = []
  /// Goes before the names in errors, as in "stream_options.".
  private let prefix: String

  /// The parameters of a whole body.
  init(body: [UInt8]) throws(APIError) {
    var options = JSONOptions()
    options.refusesDuplicateKeys = true
    options.limits.bytes = Limits.bodyBytes
    options.limits.depth = Limits.bodyDepth
    options.limits.values = Limits.bodyValues
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(body, name: "body", options: options)
    } catch {
      throw .invalid(nil, "the body is not JSON: \(error)")
    }
    try self.init(document.root, prefix: "")
  }

  /// The members of an object within a body; `prefix` is its path and a dot.
  init(_ value: JSONValue, prefix: String) throws(APIError) {
    self.prefix = prefix
    guard let members = value.members else {
      let name = prefix.isEmpty ? nil : String(prefix.dropLast())
      throw .invalid(name, "\(name ?? "the body"): an object is expected, not \(MessageJSON.typeName(value))")
    }
    for (key, value) in members where !value.isNull {
      let name = key.string ?? ""
      values[name] = value
      names.append(name)
    }
  }

  /// A parameter as it is.
  mutating func take(_ name: String) -> JSONValue? { values.removeValue(forKey: name) }

  /// A text.
  mutating func string(_ name: String) throws(APIError) -> String? {
    guard let value = take(name) else { return nil }
    guard let text = value.string else { throw wrong(name, "a string", value) }
    return text
  }

  /// True or false.
  mutating func bool(_ name: String) throws(APIError) -> Bool? {
    guard let value = take(name) else { return nil }
    guard let bool = value.bool else { throw wrong(name, "true or false", value) }
    return bool
  }

  /// A whole number within a range.
  mutating func int(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
    guard let value = take(name) else { return nil }
    guard let number = value.int else { throw wrong(name, "a whole number", value) }
    guard range.contains(number) else {
      throw .invalid(
        prefix + name, "\(prefix + name) is \(number); it must be \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A number that the daemon checks.
  mutating func float(_ name: String) throws(APIError) -> Float? {
    guard let value = take(name) else { return nil }
    guard let number = value.double else { throw wrong(name, "a number", value) }
    return Float(number)
  }

  /// An object, whose members are read in turn by `read`; what it leaves is an error.
  mutating func object(
    _ name: String, _ read: (inout Parameters) throws(APIError) -> Void
  ) throws(APIError) {
    guard let value = take(name) else { return }
    var inner = try Parameters(value, prefix: prefix + name + ".")
    try read(&inner)
    try inner.finish()
  }

  /// One text, or a list of them.
  mutating func strings(_ name: String) throws(APIError) -> [String]? {
    guard let value = take(name) else { return nil }
    if let text = value.string { return [text] }
    guard let elements = value.elements else { throw wrong(name, "a string or a list of strings", value) }
    var texts: [String] = []
    for element in elements {
      guard let text = element.string else { throw wrong("\(name)[\(texts.count)]", "a string", element) }
      texts.append(text)
    }
    return texts
  }

  /// A parameter that may only ask for what happens anyway.
  mutating func fixed(
    _ name: String, _ reason: String, _ isUsual: (JSONValue) -> Bool
  ) throws(APIError) {
    guard let value = take(name), !isUsual(value) else { return }
    throw .unsupported(prefix + name, "\(prefix + name) is not supported: \(reason)")
  }

  /// Refuses what nobody has read.
  func finish() throws(APIError) {
    guard let name = names.first(where: { values[$0] != nil }) else { return }
    throw .unsupported(prefix + name, "\(prefix + name) is not a parameter of this call")
  }

  /// An error about the type of a parameter.
  func wrong(_ name: String, _ expected: String, _ value: JSONValue) -> APIError {
    .invalid(prefix + name, "\(prefix + name): \(expected) is expected, not \(MessageJSON.typeName(value))")
  }
}
