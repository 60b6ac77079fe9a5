/// How a call ended; the raw values are those of the gRPC specification.
public enum StatusCode: Int32, Sendable, CaseIterable {
  /// It worked.
  case ok = 0
  /// The caller gave up.
  case cancelled = 1
  /// An error without a known code, for instance from another system.
  case unknown = 2
  /// The request is wrong, whatever state the server is in.
  case invalidArgument = 3
  /// The deadline passed before the call ended.
  case deadlineExceeded = 4
  /// A named thing does not exist.
  case notFound = 5
  /// Something that was to be created already exists.
  case alreadyExists = 6
  /// The caller is known, but not allowed to do this.
  case permissionDenied = 7
  /// Something is exhausted: memory, a quota, a queue.
  case resourceExhausted = 8
  /// The server is in the wrong state for this; retrying alone does not help.
  case failedPrecondition = 9
  /// A conflict with another call; the whole transaction can be tried again.
  case aborted = 10
  /// A value outside the range that is currently valid.
  case outOfRange = 11
  /// The server has no such method.
  case unimplemented = 12
  /// A broken invariant in the server.
  case `internal` = 13
  /// The server cannot be reached at the moment; trying again may help.
  case unavailable = 14
  /// Data was lost or damaged.
  case dataLoss = 15
  /// The caller has not proved who it is.
  case unauthenticated = 16

  /// The name that gRPC tools print, such as `DEADLINE_EXCEEDED`.
  public var name: String {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }
}
