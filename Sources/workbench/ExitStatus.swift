import RPC

/// The exit statuses of the program; scripts may rely on the numbers.
enum ExitStatus: Int32, CaseIterable {
  case success = 0
  case failure = 1
  case usage = 2
  case notFound = 3
  case unavailable = 4
  case refused = 5
  case interrupted = 130
  case brokenPipe = 141

  /// The status for the code of a failed call.
  init(_ code: StatusCode) {
    switch code {
    case .ok: self = .success
    case .invalidArgument, .outOfRange: self = .usage
    case .notFound: self = .notFound
    case .unavailable: self = .unavailable
    case .resourceExhausted, .failedPrecondition, .alreadyExists: self = .refused
    default: self = .failure
    }
  }

  /// The meaning, as the help states it.
  var meaning: String {
    switch self {
    case .success: "success"
    case .failure: "any other error"
    case .usage: "the command line or the request is invalid"
    case .notFound: "no such model, template or file"
    case .unavailable: "the daemon or the model's worker cannot be reached"
    case .refused: "failed in the current state: exhausted, already exists, or not ready"
    case .interrupted: "interrupted with Control-C"
    case .brokenPipe: "the output pipe was closed"
    }
  }

  /// A line for each status, for the help.
  static var table: String {
    allCases.map { status in
      let number = String(status.rawValue)
      return "  " + number + String(repeating: " ", count: 5 - number.count) + status.meaning
    }.joined(separator: "\n")
  }
}
