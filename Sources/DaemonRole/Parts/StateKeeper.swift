import Host
import Logging
import Runtime
import State
import Synchronization

/// The state file: opened before anything else, and closed after everything else.
final class StateKeeper: DaemonPart {
  private let asked: String?
  private let host: ModelHost
  private let log: Logger
  private let file = Mutex<StateFile?>(nil)
  private let problems = Mutex<[String]>([])

  /// - Parameter asked: The path of the file, or "none"; nil: the default path.
  init(_ asked: String?, host: ModelHost, log: Logger) {
    self.asked = asked
    self.host = host
    self.log = log
  }

  /// What of the file cannot be read.
  var unreadable: [String] { problems.withLock { $0 } }

  /// The file.
  ///
  /// - Throws: `WorkbenchError` before the part has started.
  func opened() throws -> StateFile {
    guard let file = file.withLock({ $0 }) else {
      throw WorkbenchError(.internal, "the state file is not open")
    }
    return file
  }

  /// - Throws: `WorkbenchError` when the file cannot be used.
  func start() async throws {
    let file: StateFile
    if let path = try StatePlace.path(asked) {
      file = try await StateFile.open(path)
      log.debug("state file", metadata: ["path": "\(path)"])
    } else {
      file = try StateFile.inMemory()
      log.debug("no state file: templates, settings and conversations end with this daemon")
    }
    self.file.withLock { $0 = file }
    if let copy = file.damagedCopy {
      log.error(
        "the state file was damaged and has been moved aside; the daemon starts without what was in it",
        metadata: ["moved to": "\(copy)"])
    }
    let unreadable = try await host.restore(from: file)
    problems.withLock { $0 = unreadable }
    for what in unreadable { log.warning("not readable in the state file", metadata: ["what": "\(what)"]) }
  }

  func stop() async { await file.withLock { $0 }?.close() }
}
