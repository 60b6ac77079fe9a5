/// Why a model file cannot be used: which file, what is wrong at which byte, and what would be right.
public struct ModelFormatError: Error, Sendable, Equatable {
  /// The causes that a caller may want to tell apart.
  public enum Kind: Sendable, Equatable, CaseIterable {
    /// No file has this path.
    case notFound
    /// The system does not allow reading the file.
    case notReadable
    /// A directory, device, pipe or socket.
    case notARegularFile
    /// The bytes are not those of a model in a format that this package reads.
    case notAModel
    /// A version or byte order of GGUF that this package cannot read.
    case unsupportedVersion
    /// The file ends before something that it declares.
    case truncated
    /// A field contradicts the format or another field.
    case invalid
    /// A tensor type that this package cannot compute with.
    case unsupportedType
    /// A network, an option or an object that this package does not read.
    case unsupported
    /// A field exceeds one of the `Limits`.
    case tooLarge
    /// The file has changed since it was opened.
    case changed
  }

  /// The cause.
  public let kind: Kind
  /// The file, as the caller named it.
  public let path: String
  /// The place in the file in bytes from its start; nil if the error is about the file as a whole.
  public let offset: UInt64?
  /// What was wrong.
  public let message: String
  /// What would be right, or what to do.
  public let expected: String

  /// An error about the file `path`.
  public init(_ kind: Kind, path: String, offset: UInt64? = nil, _ message: String, expected: String = "") {
    self.kind = kind
    self.path = path
    self.offset = offset
    self.message = message
    self.expected = expected
  }
}

extension ModelFormatError: CustomStringConvertible {
  /// One line: `FILE: what was wrong at byte N; what would be right`.
  public var description: String {
    var line = "\(path): \(message)"
    if let offset { line += " at byte \(offset)" }
    if !expected.isEmpty { line += "; \(expected)" }
    return Self.oneLine(line)
  }

  /// A name from a file for a message: in quotes, and cut to `Limits.quotedCharacters`.
  static func quoted(_ name: String) -> String {
    "'" + shortened(name) + "'"
  }

  /// A text from a file for a message: cut to `Limits.quotedCharacters`.
  static func shortened(_ text: String) -> String {
    let cut = text.unicodeScalars.prefix(Limits.quotedCharacters)
    return String(cut) + (cut.endIndex == text.unicodeScalars.endIndex ? "" : "...")
  }

  /// `text` with control characters escaped, so that a hostile name cannot forge lines or drive a terminal.
  private static func oneLine(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .format:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default:
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
