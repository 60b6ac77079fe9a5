import Glibc

/// Why a file could not be written: what failed, and the system's reason.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The causes that a caller may want to tell apart.
  public enum Kind: Sendable, Equatable {
    /// The path is not one of a file that can be written.
    case invalid
    /// Something of that name exists.
    case exists
    /// A folder of the path does not exist.
    case notFound
    /// The disk, or the user's share of it, is full.
    case full
    /// Anything else that the system refused.
    case system
  }

  /// The cause.
  public let kind: Kind
  /// One line: what failed and why.
  public let message: String

  /// An error of `kind`.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message.
  public var description: String { message }

  /// The system's refusal with this number.
  static func system(_ what: String, _ code: Int32 = errno) -> FileError {
    let kind: Kind =
      switch code {
      case ENOENT, ENOTDIR: .notFound
      case ENOSPC, EDQUOT, EFBIG: .full
      case ENAMETOOLONG, ELOOP: .invalid
      default: .system
      }
    return FileError(kind, "\(what): \(String(cString: strerror(code)))")
  }
}
