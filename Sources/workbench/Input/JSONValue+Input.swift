import JSON

extension JSONValue {
  /// Reads a JSON text that the user gave; a key that an object has twice is refused, since one would be lost.
  static func parse(_ text: String) throws(ClientError) -> JSONValue {
    var options = JSONOptions()
    options.refusesDuplicateKeys = true
    options.limits.depth = Limits.jsonDepth
    do throws(JSONError) {
      return try JSONDocument(text, options: options).root
    } catch {
      throw ClientError(.usage, "\(error)")
    }
  }

  /// What the value is, for messages.
  var typeName: String {
    switch kind {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .boolean: "a boolean"
    case .null: "null"
    }
  }
}
