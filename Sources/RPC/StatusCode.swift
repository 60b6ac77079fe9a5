/// How a call ended, with the numbers of the gRPC specification.
public enum StatusCode: Int32, Sendable, CaseIterable {
  /// It worked.
  case ok = 0
  /// The caller gave up.
  case cancelled = 1
  /// An error that says no more, for instance from another system.
  case unknown = 2
  /// The request is wrong whatever the state of the server.
  case invalidArgument = 3
  /// The time was up.
  case deadlineExceeded = 4
  /// A named thing does not exist.
  case notFound = 5
  /// A thing to be made exists already.
  case alreadyExists = 6
  /// The caller is known and may not.
  case permissionDenied = 7
  /// Something is used up: memory, a quota, a queue.
  case resourceExhausted = 8
  /// The server is not in the state for this; retrying alone will not help.
  case failedPrecondition = 9
  /// A conflict with another call; the whole transaction may be tried again.
  case aborted = 10
  /// A value past the valid range of the present state.
  case outOfRange = 11
  /// The server has no such method.
  case unimplemented = 12
  /// A broken invariant on the server's side.
  case `internal` = 13
  /// The server cannot be reached now; trying again may help.
  case unavailable = 14
  /// Data is lost or damaged.
  case dataLoss = 15
  /// The caller is not known.
  case unauthenticated = 16

  /// The name that other gRPC tools print, such as `DEADLINE_EXCEEDED`.
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
