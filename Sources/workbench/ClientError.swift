import RPC
import SwiftProtobuf
import WorkbenchAPI

/// Why the program cannot go on; the one error type of this module.
struct ClientError: Error, Equatable, CustomStringConvertible {
  /// What the program ends with.
  var status: ExitStatus
  /// One line for a person.
  var message: String
  /// What could be done about it, in a line of its own.
  var hint: String?

  /// An error with its status and message.
  init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
    self.status = status
    self.message = message
    self.hint = hint
  }

  /// What a failed call means for the person who asked.
  init(_ error: RPCError, address: String) {
    let connecting = "failed to connect to all addresses"
    if error.code == .unavailable, error.message.hasPrefix(connecting) {
      let reason = error.message.split(separator: ": ").last.map { ": \($0)" } ?? ""
      self.init(
        .unavailable, "no daemon answers at \(address)\(reason)",
        hint: "start one with 'workbenchd', or name another with --address or \(DefaultAddress.variable)")
    } else {
      let message = error.message.isEmpty ? error.code.name : error.message
      self.init(ExitStatus(error.code), message, hint: Self.hint(error))
    }
  }

  /// The message, without the hint.
  var description: String { message }

  /// The control flow of a Control-C.
  static let interrupted = ClientError(.interrupted, "interrupted")
  /// The control flow of a reader that went away.
  static let brokenPipe = ClientError(.brokenPipe, "the reader of the output went away")

  /// Fields and waiting times from the details of a status, unless the message says them already.
  private static func hint(_ error: RPCError) -> String? {
    guard let bytes = error.details, let status = try? Google_Rpc_Status(serializedBytes: bytes) else {
      return nil
    }
    var parts: [String] = []
    for detail in status.details {
      if let request = try? Google_Rpc_BadRequest(unpackingAny: detail) {
        for violation in request.fieldViolations where violation.description_p != error.message {
          parts.append("\(violation.field): \(violation.description_p)")
        }
      } else if let retry = try? Google_Rpc_RetryInfo(unpackingAny: detail) {
        parts.append("try again in \(Format.seconds(retry.retryDelay))")
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
