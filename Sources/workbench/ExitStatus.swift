import RPC

/// What the program ends with; scripts may rely on the numbers.
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

  /// What the help says about it.
  var meaning: String {
    switch self {
    case .success: "it worked"
    case .failure: "any other error"
    case .usage: "the command line or the request is wrong"
    case .notFound: "there is no such model, template or file"
    case .unavailable: "the daemon or the model's worker cannot be reached"
    case .refused: "not now: something is used up, exists already or is not ready"
    case .interrupted: "interrupted with Control-C"
    case .brokenPipe: "the reader of the output went away"
    }
  }

  /// The table of all statuses.
  static var table: String {
    allCases.map { status in
      let number = String(status.rawValue)
      return "  " + number + String(repeating: " ", count: 5 - number.count) + status.meaning
    }.joined(separator: "\n")
  }
}
