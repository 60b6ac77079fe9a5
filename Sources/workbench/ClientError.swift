import Access
import Connecting

/// The one error type of this module: an exit status and what to tell the user.
struct ClientError: Error, Equatable, CustomStringConvertible {
  /// The exit status of the program.
  var status: ExitStatus
  /// What went wrong, in one line.
  var message: String
  /// What to do about it, in a line of its own.
  var hint: String?

  /// An error that this program found itself.
  init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
    self.status = status
    self.message = message
    self.hint = hint
  }

  /// An error about the connection to the daemon, before it was tried.
  init(_ error: ConnectionError) {
    let status: ExitStatus =
      switch error.kind {
      case .usage: .usage
      case .notFound: .notFound
      case .failure: .failure
      }
    self.init(status, error.message, hint: error.hint)
  }

  /// An error about a token or a token file.
  init(_ error: AccessError) {
    self.init(ConnectionError(error))
    if error.kind == .exists { status = .refused }
  }

  /// The message, without the hint.
  var description: String { message }

  /// Ends a command after Control-C, without a message.
  static let interrupted = ClientError(.interrupted, "interrupted")
  /// Ends a command whose output pipe was closed, without a message.
  static let brokenPipe = ClientError(.brokenPipe, "the output pipe was closed")
}
