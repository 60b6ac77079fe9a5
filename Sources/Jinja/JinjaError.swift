/// Why a template could not be compiled or rendered, and where in its source.
public struct JinjaError: Error, Sendable, Equatable {
  /// The sort of mistake; the names follow the exceptions of the Python engine.
  public enum Kind: String, Sendable, Equatable {
    /// The source is not a template.
    case syntax
    /// Something that the template relies on exists in Jinja but not here (`include`, `extends`, …).
    case unsupported
    /// A value that does not exist was used.
    case undefined
    /// An operation met a value of the wrong type.
    case type
    /// A value of the right type that is not acceptable.
    case value
    /// A number does not fit 64 bits.
    case overflow
    /// Division by zero.
    case zeroDivision
    /// The sandbox refuses: interpreter internals or changing a list or mapping.
    case security
    /// The template used more than `Limits` grants.
    case limit
    /// The template itself called `raise_exception`.
    case raised
  }

  /// The sort of mistake.
  public let kind: Kind
  /// What is wrong, in one line.
  public let message: String
  /// The line in the template, from 1; 0 while unknown.
  public internal(set) var line = 0
  /// The column in code points, from 1; 0 while unknown.
  public internal(set) var column = 0
  /// The source line with a caret under the place; empty while unknown.
  public internal(set) var excerpt = ""
  /// The byte offset in the normalised source; nil when the interpreter's own position applies.
  var offset: Int?

  init(_ kind: Kind, _ message: String, at offset: Int? = nil) {
    self.kind = kind
    // A template may raise or name anything: an error stays short.
    let bytes = message.utf8.prefix(Self.messageBytes + 1)
    self.message = bytes.count > Self.messageBytes ? String(decoding: bytes, as: UTF8.self) + "…" : message
    self.offset = offset
  }

  /// The longest message, in UTF-8 bytes.
  static let messageBytes = 2048

  /// The same mistake in a text that has `lines` more in front.
  public func moved(down lines: Int) -> JinjaError {
    var error = self
    if line > 0 { error.line += lines }
    return error
  }

  /// Fills in line, column and excerpt from the source that the error is about.
  func located(in source: [UInt8], at fallback: Int) -> JinjaError {
    guard line == 0 else { return self }
    let place = SourcePlace(of: self.offset ?? fallback, in: source)
    var error = self
    (error.line, error.column, error.excerpt) = (place.line, place.column, place.excerpt)
    return error
  }
}

extension JinjaError: CustomStringConvertible {
  /// One line: kind, message, place.
  public var description: String {
    let place = line > 0 ? " (line \(line), column \(column))" : ""
    return "\(kind.rawValue) error: \(message)\(place)"
  }
}
