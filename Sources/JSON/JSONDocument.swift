/// The values of a JSON text, found in one pass and without recursion; immutable once made.
///
/// Strings and numbers stay where they are in the text and are read when asked for, so a value costs 16 bytes beside
/// the text, whatever it holds. Grammar: RFC 8259.
public final class JSONDocument: Sendable {
  /// What a value is.
  public enum Kind: UInt8, Sendable {
    case null, boolean, number, string, array, object
  }

  /// A value: its bytes, and the place behind its last descendant.
  @usableFromInline
  struct Node: Sendable {
    /// The first byte; of a string, the one after its quotation mark.
    @usableFromInline var start: UInt32
    /// The end; of a string, the place of its closing quotation mark.
    @usableFromInline var end: UInt32
    /// The node after this value and all that it holds.
    @usableFromInline var next: UInt32
    @usableFromInline var kind: Kind
    /// Whether a string has escapes.
    @usableFromInline var isEscaped = false
  }

  /// The text, as it was given.
  public let bytes: [UInt8]
  /// What errors call the text: the name of a file or a field.
  public let name: String
  /// Every value in the order of the text; a member is its key, then its value.
  @usableFromInline let nodes: [Node]

  /// Reads a text in UTF-8, which may start with a byte order mark.
  ///
  /// - Parameter name: What errors call the text.
  /// - Throws: `JSONError` with the place.
  public init(
    _ bytes: [UInt8], name: String = "JSON", options: JSONOptions = JSONOptions()
  ) throws(JSONError) {
    let maximum = min(options.limits.bytes, Int(UInt32.max))
    guard bytes.count <= maximum else {
      throw JSONError(.limit(.bytes, maximum: maximum), name: name, offset: 0, in: [])
    }
    do throws(JSONParser.Failure) {
      nodes = try bytes.withUnsafeBufferPointer { (text) throws(JSONParser.Failure) in
        var parser = JSONParser(text, options)
        try parser.parse()
        return parser.nodes
      }
    } catch {
      throw JSONError(error.problem, name: name, offset: error.offset, in: bytes)
    }
    self.bytes = bytes
    self.name = name
  }

  /// Reads a text.
  ///
  /// - Parameter name: What errors call the text.
  /// - Throws: `JSONError` with the place.
  public convenience init(
    _ text: String, name: String = "JSON", options: JSONOptions = JSONOptions()
  ) throws(JSONError) {
    try self.init(Array(text.utf8), name: name, options: options)
  }

  /// The outermost value.
  @inlinable public var root: JSONValue { JSONValue(document: self, index: 0) }
}
