import GRDB
import Glibc
import Runtime

/// SQLite's errors as errors for a caller.
enum StateError {
  /// What a person can do when the file cannot be used at all.
  static let advice = "choose another place with --state FILE, or keep nothing with --state none"

  /// The system's reason for the last failure.
  static func reason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

  static func wrapping<Value>(_ path: String?, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as DatabaseError { throw error.asWorkbenchError(path) }
  }

  static func wrapping<Value>(_ path: String?, _ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as DatabaseError { throw error.asWorkbenchError(path) }
  }

  /// Whether the content of the file is not what SQLite or we wrote.
  static func isDamage(_ error: DatabaseError) -> Bool {
    [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
  }
}

extension DatabaseError {
  /// The error that a caller sees: what is wrong with which file, and what to do.
  func asWorkbenchError(_ path: String?) -> WorkbenchError {
    let file = path.map { "the state file '\($0)'" } ?? "the daemon's state in memory"
    switch resultCode {
    case .SQLITE_FULL:
      let cause = path == nil ? "its limit is reached" : "the disk is full, or the file's limit is reached"
      return WorkbenchError(
        .resourceExhausted,
        "\(file) cannot grow: \(cause); nothing was changed; delete something and try again")
    case .SQLITE_IOERR:
      return WorkbenchError(
        .unavailable, "\(file) cannot be read or written (\(message ?? "I/O error")); nothing was changed")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return WorkbenchError(
        .unavailable, "\(file) is locked by another program; nothing was changed; close it and try again")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      return WorkbenchError(
        .failedPrecondition, "\(file) cannot be written (\(message ?? "read-only")); \(StateError.advice)")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return WorkbenchError(
        .dataLoss, "\(file) is damaged (\(message ?? "corrupt")); restart the daemon, which moves it aside")
    case .SQLITE_NOMEM:
      return WorkbenchError(.resourceExhausted, "not enough memory to change \(file)")
    default: return WorkbenchError(.internal, "\(file): \(description)")
    }
  }
}
