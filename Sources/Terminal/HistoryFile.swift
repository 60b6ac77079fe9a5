import Glibc

/// A history in a file that only its owner can read; errors of the file are ignored.
public struct HistoryFile: Sendable {
  private let path: String

  /// A history file at a path that need not exist.
  public init(path: String) {
    self.path = path
  }

  /// Reads the file; one that has outgrown the limits is rewritten without its oldest lines.
  public func load() -> History {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return History() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return History() }
    let skipped = max(0, Int(status.st_size) - Limits.historyBytes)
    guard lseek(descriptor, skipped, SEEK_SET) >= 0 else { return History() }
    var bytes: [UInt8] = []
    while bytes.count < Limits.historyBytes, case .bytes(let more) = readSome(descriptor) { bytes += more }
    var lines = bytes.split(separator: 0x0A).map { History.decode(String(decoding: $0, as: UTF8.self)) }
    if skipped > 0, !lines.isEmpty { lines.removeFirst() }
    let history = History(lines)
    if skipped > 0 || lines.count > Limits.historyEntries { rewrite(history) }
    return history
  }

  /// Appends a line; creates the file and its folder if they are missing.
  public func append(_ line: String) {
    makeFolder()
    write(History.encode(line) + "\n", to: path, O_APPEND)
  }

  private func rewrite(_ history: History) {
    let temporary = "\(path).\(getpid())"
    let text = history.entries.map { History.encode($0) + "\n" }.joined()
    guard write(text, to: temporary, O_TRUNC) else { return }
    if rename(temporary, path) != 0 { unlink(temporary) }
  }

  @discardableResult
  private func write(_ text: String, to path: String, _ flags: Int32) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fchmod(descriptor, 0o600) == 0 && writeAll(text, to: descriptor) == 0
  }

  private func makeFolder() {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += (folder.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
      mkdir(folder, 0o700)
    }
  }
}
