import Concurrency
import GRDB
import Glibc
import Runtime

/// The SQLite file in which the daemon keeps what must survive it: templates, what was set for models, conversations.
///
/// A write returns when it has been committed and is on the disk (write-ahead log, `synchronous=FULL`), so what was
/// acknowledged survives a killed process and a power failure. Writes are applied in the order of the calls, on a queue
/// of the database's own.
public final class StateFile: Sendable {
  /// Where it is; nil: in memory only.
  public let path: String?
  /// Where a damaged file was moved when this one was opened.
  public let damagedCopy: String?
  private let queue: DatabaseQueue
  private let lock: StateLock?

  init(_ queue: DatabaseQueue, path: String?, lock: StateLock?, damagedCopy: String?) {
    self.queue = queue
    self.path = path
    self.lock = lock
    self.damagedCopy = damagedCopy
  }

  /// State that ends with the process.
  ///
  /// - Throws: `WorkbenchError` when there is no memory for it.
  public static func inMemory() throws -> StateFile {
    try StateError.wrapping(nil) {
      let queue = try DatabaseQueue(configuration: Opening.configuration(bytes: StateLimits.memoryBytes))
      try Migrations.all.migrate(queue)
      return StateFile(queue, path: nil, lock: nil, damagedCopy: nil)
    }
  }

  /// Opens a file, or creates it with mode 0600; a damaged one is moved aside.
  ///
  /// - Throws: `WorkbenchError`: another daemon uses it, it is of a newer version, it is no state file, or the system
  ///   refuses it.
  public static func open(_ path: String) async throws -> StateFile {
    try await open(path, bytes: StateLimits.fileBytes)
  }

  /// Opens a file that may grow to `bytes`.
  package static func open(_ path: String, bytes: Int) async throws -> StateFile {
    try await OwnThread.run(name: "state") { try Opening(path: path, bytes: bytes).open() }
  }

  /// Whether it is kept when the process ends.
  public var isDurable: Bool { path != nil }

  /// Its size in bytes, with its log; 0 in memory.
  public var bytes: Int {
    guard let path else { return 0 }
    return ["", "-wal"].reduce(0) { sum, suffix in
      var status = stat()
      return stat(path + suffix, &status) == 0 ? sum + Int(status.st_size) : sum
    }
  }

  /// Writes what is still in its log and closes it; calls that follow fail.
  public func close() async {
    // A log that cannot be written now is read at the next start.
    _ = try? await OwnThread.run(name: "state") { [queue] in try queue.close() }
    lock?.release()
  }

  // A caller that is cancelled must not be left without knowing whether its change was committed, so both run in a task
  // of their own to the end.

  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await StateError.wrapping(path) { try await Task { [queue] in try await queue.read(body) }.value }
  }

  /// Runs `body` in a transaction; if it throws, nothing has changed.
  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    try await StateError.wrapping(path) { try await Task { [queue] in try await queue.write(body) }.value }
  }
}
