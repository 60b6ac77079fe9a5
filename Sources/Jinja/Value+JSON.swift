import JSON

/// Values from JSON and as JSON: the filter `tojson` writes as Python does, this as short as can be.
extension Value {
  /// The deepest nesting of JSON that becomes a value.
  public static let jsonNesting = 128

  /// Reads JSON as Python's `json.loads` does: keys keep their order, a repeated key keeps its last value, `1` is an
  /// integer and `1.0` is not, `NaN` and `Infinity` are numbers.
  ///
  /// - Throws: `JinjaError` with the place in `text`; also for an integer of more digits than Python reads.
  public init(json text: String) throws(JinjaError) {
    var options = JSONOptions.python
    options.limits.depth = Self.jsonNesting
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(text, options: options)
    } catch {
      throw JinjaError(.value, "JSON: \(error.reason)").located(in: Array(text.utf8), at: error.offset)
    }
    self = try Self.converted(document.root)
  }

  private static func converted(_ value: JSONValue) throws(JinjaError) -> Value {
    switch value.kind {
    case .null: return .none
    case .boolean: return .bool(value.bool == true)
    case .string: return .string(value.string ?? "")
    case .number:
      if let int = value.int { return .int(int) }
      guard value.isInteger, let digits = value.digits else { return .double(value.double ?? .nan) }
      guard digits.count <= BigInteger.maximumDigits else {
        throw JinjaError(.value, "JSON: an integer of more than \(BigInteger.maximumDigits) digits")
          .located(in: value.document.bytes, at: value.offset)
      }
      return .bigInt(String(decoding: digits, as: UTF8.self))
    case .array:
      var items: [Value] = []
      _ = try value.eachElement { (element) throws(JinjaError) in items.append(try converted(element)) }
      return .list(items)
    case .object:
      var fields = Fields()
      _ = try value.eachMember { (key, value) throws(JinjaError) in
        fields[key.string ?? ""] = try converted(value)
      }
      return .dict(fields)
    }
  }

  /// The text that `Value(json:)` reads back; numbers that JSON does not have are spelled as in Python.
  public var json: String {
    var writer = JSONWriter(nonFinite: .spelled)
    write(to: &writer)
    return writer.text
  }

  /// Appends the value as JSON; numbers that JSON does not have become null.
  public func appendJSON(to out: inout [UInt8]) {
    var writer = JSONWriter()
    write(to: &writer)
    out += writer.bytes
  }

  private func write(to writer: inout JSONWriter) {
    switch self {
    case .none: writer.null()
    case .bool(let flag): writer.bool(flag)
    case .int(let number): writer.int(number)
    case .bigInt(let digits): writer.integer(digits: digits)
    case .double(let number): writer.double(number)
    case .string(let text, _): writer.string(text)
    case .list(let items), .parts(let items):
      writer.array { writer in
        for item in items { item.write(to: &writer) }
      }
    case .dict(let fields):
      writer.object { writer in
        for (key, value) in fields.entries {
          writer.key(key)
          value.write(to: &writer)
        }
      }
    }
  }
}
