import GRDB
import Glibc
import Runtime

/// Opens a state file: its folder, its mode, its lock, its version, and what to do with a damaged one.
struct Opening {
  let path: String
  /// How large it may become.
  let bytes: Int

  /// "WBNC", which marks a SQLite file as one of ours.
  static let applicationID: Int32 = 0x5742_4E43
  private static let pageBytes = 4096

  func open() throws -> StateFile {
    guard !path.isEmpty, !path.utf8.contains(0), !path.hasSuffix("/") else {
      throw WorkbenchError(.invalidArgument, "'\(path)' is not the path of a file", field: "--state")
    }
    try makeFolder()
    let lock = try StateLock(of: path)
    try makeFile()
    do {
      return StateFile(try database(), path: path, lock: lock, damagedCopy: nil)
    } catch let error as DatabaseError where StateError.isDamage(error) {
      let copy = try moveAside()
      let fresh = Opening(path: path, bytes: bytes)
      try fresh.makeFile()
      let queue = try StateError.wrapping(path) { try fresh.database() }
      return StateFile(queue, path: path, lock: lock, damagedCopy: copy)
    } catch let error as DatabaseError {
      throw error.asWorkbenchError(path)
    }
  }

  static func configuration(bytes: Int) -> Configuration {
    var configuration = Configuration()
    configuration.label = "state"
    configuration.busyMode = .timeout(StateLimits.lockPatience)
    configuration.prepareDatabase { database in
      // Ours are the only functions and views; a file that brings others is not trusted.
      try database.execute(sql: "PRAGMA trusted_schema = OFF")
      try database.execute(sql: "PRAGMA max_page_count = \(max(1, bytes / pageBytes))")
    }
    return configuration
  }

  // MARK: -

  private func database() throws -> DatabaseQueue {
    var configuration = Self.configuration(bytes: bytes)
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = WAL")
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.read { try check($0) }
    try Migrations.all.migrate(queue)
    try queue.read { try Migrations.checkTables($0) }
    return queue
  }

  /// - Throws: `WorkbenchError` for a file that is not ours or too new, `DatabaseError` for one that is damaged.
  private func check(_ database: Database) throws {
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    guard tables > 0 else { return }
    guard try Int32.fetchOne(database, sql: "PRAGMA application_id") == Self.applicationID else {
      throw WorkbenchError(
        .failedPrecondition,
        "'\(path)' is a database of another program, not a state file; \(StateError.advice)")
    }
    guard try !Migrations.all.hasBeenSuperseded(database) else {
      throw WorkbenchError(
        .failedPrecondition,
        "the state file '\(path)' was written by a newer version of workbenchd; use that version, or "
          + StateError.advice)
    }
    if let problem = try String.fetchOne(database, sql: "PRAGMA quick_check(1)"), problem != "ok" {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: problem)
    }
  }

  /// Creates the folder of the file, and those above it that are missing, with mode 0700.
  private func makeFolder() throws {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    var folder = ""
    for (index, part) in parts.enumerated() {
      folder += (index > 0 ? "/" : "") + part
      if folder.isEmpty || part == "." || part == ".." || mkdir(folder, 0o700) == 0 { continue }
      let code = errno
      var status = stat()
      // What is there need not be ours to create, and need not be writable.
      if stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
      throw WorkbenchError(
        .failedPrecondition, "cannot create '\(folder)': \(StateError.reason(code)); \(StateError.advice)")
    }
  }

  /// Creates the file with mode 0600, or checks the one that is there: a file of this user's own, closed to others.
  private func makeFile() throws {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if descriptor >= 0 {
      close(descriptor)
      return
    }
    guard errno == EEXIST else {
      throw WorkbenchError(
        .failedPrecondition, "cannot create '\(path)': \(StateError.reason()); \(StateError.advice)")
    }
    var status = stat()
    // Not opened to be looked at: closing a descriptor of it would end SQLite's locks.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WorkbenchError(.failedPrecondition, "'\(path)' is not a regular file; \(StateError.advice)")
    }
    guard status.st_uid == geteuid() else {
      throw WorkbenchError(
        .failedPrecondition,
        "the state file '\(path)' belongs to user \(status.st_uid); it must be this user's own")
    }
    guard status.st_mode & 0o077 != 0, chmod(path, 0o600) != 0 else { return }
    throw WorkbenchError(
      .failedPrecondition,
      "other users can open the state file '\(path)', and its mode cannot be changed: \(StateError.reason())")
  }

  /// Moves the damaged file and its log to a name with the date.
  ///
  /// - Returns: The new name.
  private func moveAside() throws -> String {
    let copy = try freeName()
    guard rename(path, copy) == 0 else {
      throw WorkbenchError(
        .failedPrecondition, "cannot move the damaged '\(path)' to '\(copy)': \(StateError.reason())")
    }
    // Without its file the log would be taken for the new file's.
    for suffix in ["-wal", "-shm"] where access(path + suffix, F_OK) == 0 {
      guard rename(path + suffix, copy + suffix) == 0 else {
        throw WorkbenchError(
          .failedPrecondition, "cannot move the damaged '\(path)\(suffix)': \(StateError.reason())")
      }
    }
    return copy
  }

  private func freeName() throws -> String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let length = strftime(&text, text.count, "%Y-%m-%d", &parts)
    let name =
      path + ".damaged-" + String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for number in 1...StateLimits.damagedCopies {
      let candidate = number == 1 ? name : "\(name)-\(number)"
      if access(candidate, F_OK) != 0 { return candidate }
    }
    throw WorkbenchError(
      .failedPrecondition,
      "'\(path)' is damaged, and \(StateLimits.damagedCopies) damaged files of today are beside it; remove some"
    )
  }
}
