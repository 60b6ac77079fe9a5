/// An error as a caller sees it: what kind, what was wrong, in which field of the request.
///
/// Every module has its own error; the pipeline and the host turn them into this one, and `Services` turns it into
/// a gRPC status.
public struct WorkbenchError: Error, Sendable, Equatable {
  /// What a caller can do about it.
  public enum Kind: String, Sendable, CaseIterable {
    /// The request is wrong whatever the state of the daemon.
    case invalidArgument
    /// A model, template or file of that name does not exist.
    case notFound
    /// Something of that name is there already.
    case alreadyExists
    /// The request is right but not now or not for this model.
    case failedPrecondition
    /// A length beyond what the model or a limit allows.
    case outOfRange
    /// A queue, the memory or another limit is used up; later it may work.
    case resourceExhausted
    /// The worker died, is being replaced, or the daemon stops.
    case unavailable
    /// A file is damaged or changed while in use.
    case dataLoss
    /// The caller went away.
    case cancelled
    /// A defect of ours.
    case `internal`
  }

  /// What a caller can do about it.
  public var kind: Kind
  /// One line: what was wrong, where, and what would be right.
  public var message: String
  /// The path of the request's field at fault, "options.sampling.top_p".
  public var field: String?
  /// After which time another try makes sense.
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
