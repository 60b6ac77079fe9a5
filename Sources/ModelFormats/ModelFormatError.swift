/// Why a model file cannot be used: which file, where in it, what was found and what would be right.
public struct ModelFormatError: Error, Sendable, Equatable {
  /// What a caller may want to tell apart.
  public enum Kind: Sendable, Equatable, CaseIterable {
    /// No file has this path.
    case notFound
    /// The file is there and the system does not let us read it.
    case notReadable
    /// A directory, device, pipe or socket.
    case notARegularFile
    /// The bytes are not in a format that we know.
    case notAModel
    /// A version or byte order of the format that we do not read.
    case unsupportedVersion
    /// The file ends before what it promises.
    case truncated
    /// A field contradicts the format or another field.
    case invalid
    /// A tensor type that we cannot compute with.
    case unsupportedType
    /// A field is over one of our `Limits`.
    case tooLarge
    /// The file is not the one any more that was opened.
    case changed
  }

  /// The class of the error.
  public let kind: Kind
  /// The file, as the caller named it.
  public let path: String
  /// Where in the file, in bytes from its start, when there is a place.
  public let offset: UInt64?
  /// What was wrong.
  public let message: String
  /// What would be right, or what to do.
  public let expected: String

  /// An error about `path`.
  public init(_ kind: Kind, path: String, offset: UInt64? = nil, _ message: String, expected: String = "") {
    self.kind = kind
    self.path = path
    self.offset = offset
    self.message = message
    self.expected = expected
  }
}

extension ModelFormatError: CustomStringConvertible {
  /// One line: `FILE: what was wrong at byte N: what would be right`.
  public var description: String {
    var line = "\(path): \(message)"
    if let offset { line += " at byte \(offset)" }
    if !expected.isEmpty { line += ": \(expected)" }
    return Self.oneLine(line)
  }

  /// A name out of a file for a message: in quotes, cut to `Limits.quotedCharacters`.
  static func quoted(_ name: String) -> String {
    let cut = name.unicodeScalars.prefix(Limits.quotedCharacters)
    let dots = cut.endIndex == name.unicodeScalars.endIndex ? "" : "..."
    return "'" + String(cut) + dots + "'"
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
