/// What is wrong with a token, a token file or a path.
public struct AccessError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What a caller can do about it.
  public enum Kind: Sendable {
    /// A name, a line of a file or a path is wrong.
    case invalid
    /// There is no such file or token.
    case notFound
    /// A token of that name exists already.
    case exists
    /// The path is outside the folders that the caller may name.
    case forbidden
    /// The system refused.
    case system
  }

  /// The category.
  public var kind: Kind
  /// One line: what is wrong, where, and what to do.
  public var message: String

  /// An error with a message.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
