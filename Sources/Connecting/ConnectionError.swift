public import Access

/// What keeps a program from connecting to a daemon before it has tried.
public struct ConnectionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The causes that callers tell apart.
  public enum Kind: Sendable {
    /// An argument, or what a file holds, is wrong.
    case usage
    /// A file does not exist.
    case notFound
    /// The system refused something.
    case failure
  }

  /// The cause.
  public var kind: Kind
  /// What went wrong, in one line.
  public var message: String
  /// What to do about it, in a line of its own.
  public var hint: String?

  /// An error with advice.
  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// An error about a file of credentials.
  public init(_ error: AccessError) {
    let kind: Kind =
      switch error.kind {
      case .invalid, .exists: .usage
      case .notFound: .notFound
      case .forbidden, .system: .failure
      }
    self.init(kind, error.message)
  }

  /// The message, without the hint.
  public var description: String { message }
}
