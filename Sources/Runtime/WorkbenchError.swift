/// An error as a caller sees it: its kind, what is wrong, and the field of the request at fault.
///
/// Every module has its own error; the pipeline and the host turn them into this one, and `WorkerProtocol`
/// turns it into a gRPC status.
public struct WorkbenchError: Error, Sendable, Equatable {
  /// The category of an error, which tells a caller what can be done about it.
  public enum Kind: String, Sendable, CaseIterable {
    /// The request is wrong, regardless of the daemon's state.
    case invalidArgument
    /// A model, template or file of that name does not exist.
    case notFound
    /// Something of that name already exists.
    case alreadyExists
    /// The request is valid, but not in the current state or not for this model.
    case failedPrecondition
    /// A size exceeds what the model or a limit allows.
    case outOfRange
    /// A queue, memory or another limit is exhausted; the request may succeed later.
    case resourceExhausted
    /// The worker died or is being replaced, or the daemon is shutting down.
    case unavailable
    /// A file is damaged or changed while in use.
    case dataLoss
    /// The caller cancelled or disconnected.
    case cancelled
    /// A bug in Workbench.
    case `internal`
  }

  /// What a caller can do about it.
  public var kind: Kind
  /// One line: what is wrong, where, and what to do.
  public var message: String
  /// Path of the field at fault in the request, such as "options.sampling.top_p".
  public var field: String?
  /// How long to wait before trying again.
  public var retryAfter: Duration?

  /// An error of `kind`.
  public init(_ kind: Kind, _ message: String, field: String? = nil, retryAfter: Duration? = nil) {
    self.kind = kind
    self.message = message
    self.field = field
    self.retryAfter = retryAfter
  }
}

extension WorkbenchError: CustomStringConvertible {
  /// The message, with the field where there is one.
  public var description: String {
    if let field { "\(field): \(message)" } else { message }
  }
}
