import JSON

/// A request that failed, in the terms that HTTP clients know.
struct APIError: Error, Equatable {
  /// What kind of failure it is, by which clients choose their exception.
  enum Kind: String, Equatable {
    case invalidRequest = "invalid_request_error"
    case authentication = "authentication_error"
    case permission = "permission_error"
    case notFound = "not_found_error"
    case tooLarge = "request_too_large"
    case conflict = "conflict_error"
    case rateLimit = "rate_limit_error"
    case unavailable = "overloaded_error"
    case timeout = "timeout_error"
    case server = "api_error"
  }

  /// The status of the response.
  var status: Int
  /// The kind of failure.
  var kind: Kind
  /// What went wrong and what would be right, in one line.
  var message: String
  /// The parameter at fault, as the body names it.
  var parameter: String?
  /// A word for programs, such as `model_not_found`.
  var code: String?
  /// Seconds after which the same request may work.
  var retryAfter: Int?

  /// A parameter that is wrong.
  static func invalid(_ parameter: String?, _ message: String, code: String? = nil) -> APIError {
    APIError(status: 400, kind: .invalidRequest, message: message, parameter: parameter, code: code)
  }

  /// A parameter that exists elsewhere and not here.
  static func unsupported(_ parameter: String, _ message: String) -> APIError {
    invalid(parameter, message, code: "unsupported_parameter")
  }

  /// A path or a model that there is not.
  static func missing(_ message: String, code: String? = nil) -> APIError {
    APIError(status: 404, kind: .notFound, message: message, code: code)
  }
}

/// The forms in which clients expect an error.
enum ErrorForm {
  /// `{"error": {"message", "type", "param", "code"}}`
  case openAI
  /// `{"type": "error", "error": {"type", "message"}}`
  case anthropic

  /// The error as JSON.
  func json(_ error: APIError) -> [UInt8] {
    var writer = JSONWriter()
    write(error, to: &writer)
    return writer.bytes
  }

  /// Writes the error as one value.
  func write(_ error: APIError, to writer: inout JSONWriter) {
    switch self {
    case .openAI:
      writer.object { writer in
        writer.key("error")
        writer.object { writer in
          writer.field("message", error.message)
          writer.field("type", error.kind.rawValue)
          writer.field("param", error.parameter)
          writer.field("code", error.code)
        }
      }
    case .anthropic:
      writer.object { writer in
        writer.field("type", "error")
        writer.key("error")
        writer.object { writer in
          writer.field("type", error.kind.rawValue)
          writer.field("message", error.message)
        }
      }
    }
  }
}

extension JSONWriter {
  /// A member whose value is a text, or null.
  mutating func field(_ name: String, _ value: String?) {
    key(name)
    if let value { string(value) } else { null() }
  }

  /// A member whose value is a whole number.
  mutating func field(_ name: String, _ value: Int) {
    key(name)
    int(value)
  }
}
