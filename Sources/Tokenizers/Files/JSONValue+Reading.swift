import JSON

extension JSONDocument {
  /// Reads the JSON file `name`, bounded by `Limits`.
  static func read(_ bytes: [UInt8], name: String = "JSON") throws(TokenizerError) -> JSONDocument {
    var options = JSONOptions()
    options.limits.bytes = Limits.fileBytes
    options.limits.depth = Limits.jsonDepth
    options.limits.values = Limits.jsonValues
    do throws(JSONError) {
      return try JSONDocument(bytes, name: name, options: options)
    } catch {
      switch error.problem {
      case .syntax(let reason): throw .malformed(format: name, offset: error.offset, reason: reason)
      case .limit(.bytes, let maximum):
        throw .limit(name: "fileBytes", found: bytes.count, maximum: maximum)
      case .limit(.depth, let maximum): throw .limit(name: "jsonDepth", found: maximum + 1, maximum: maximum)
      case .limit(.values, let maximum):
        throw .limit(name: "jsonValues", found: maximum + 1, maximum: maximum)
      }
    }
  }
}

/// Reading a value as what it must be; anything else is an error with its place in the file.
extension JSONValue {
  /// An error about this value.
  func error(_ reason: String) -> TokenizerError {
    .malformed(format: document.name, offset: offset, reason: reason)
  }

  // MARK: Objects and arrays

  /// The member `key` of an object, the last if there are several; nil for none or null.
  func member(_ key: StaticString) throws(TokenizerError) -> JSONValue? {
    guard let members else { throw error("expected an object") }
    var found: JSONValue?
    for member in members where member.key.isSpelled(key) { found = member.value }
    return found?.isNull == true ? nil : found
  }

  /// The member `key`, which must be there.
  func required(_ key: StaticString) throws(TokenizerError) -> JSONValue {
    guard let value = try member(key) else { throw error("lacks \"\(key)\"") }
    return value
  }

  /// Calls `body` with every member of an object, in order.
  func forEachMember(
    _ body: (_ key: JSONValue, _ value: JSONValue) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    guard try eachMember(body) else { throw error("expected an object") }
  }

  /// Calls `body` with every element of an array, in order.
  func forEachElement(_ body: (JSONValue) throws(TokenizerError) -> Void) throws(TokenizerError) {
    guard try eachElement(body) else { throw error("expected an array") }
  }

  /// The elements of an array.
  func list() throws(TokenizerError) -> [JSONValue] {
    guard let elements else { throw error("expected an array") }
    return Array(elements)
  }

  /// The elements of an array of two.
  func pair(_ reason: String) throws(TokenizerError) -> (JSONValue, JSONValue) {
    guard kind == .array else { throw error("expected an array") }
    guard let elementPair else { throw error(reason) }
    return elementPair
  }

  // MARK: Scalars

  /// Calls `body` with the UTF-8 of a string.
  @inline(__always)
  func withBytes(_ body: (UnsafeBufferPointer<UInt8>) throws(TokenizerError) -> Void) throws(TokenizerError) {
    guard try withUTF8(body) != nil else { throw error("expected a string") }
  }

  /// The UTF-8 of a string.
  func bytes() throws(TokenizerError) -> [UInt8] {
    guard let utf8 else { throw error("expected a string") }
    return utf8
  }

  /// The text of a string.
  func text() throws(TokenizerError) -> String {
    guard let string else { throw error("expected a string") }
    return string
  }

  /// The truth of a boolean.
  func flag() throws(TokenizerError) -> Bool {
    guard let bool else { throw error("expected true or false") }
    return bool
  }

  /// The boolean of a member, `fallback` when there is none.
  func flag(_ key: StaticString, default fallback: Bool) throws(TokenizerError) -> Bool {
    try member(key)?.flag() ?? fallback
  }

  /// A number as an integer.
  func integer() throws(TokenizerError) -> Int {
    guard let int else { throw error("expected an integer") }
    return int
  }

  /// A number, read as serde_json reads it.
  func number() throws(TokenizerError) -> Double {
    guard let digits, let value = SerdeNumber.parse(digits) else { throw error("expected a number") }
    return value
  }
}
