import Glibc
import Runtime

/// A system call that failed.
struct SystemFailure: Error, Equatable, CustomStringConvertible {
  /// The system's error number, such as `EMFILE`.
  let code: Int32

  /// Whether it means that there is nothing of that name; every other failure says nothing about what there is.
  var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
  /// The system's reason.
  var description: String { String(cString: strerror(code)) }
}

/// How folders and files are read; a test puts one that fails in its place.
struct FolderReader: Sendable {
  /// The names in a folder, without hidden ones, sorted.
  var names: @Sendable (_ folder: String) throws(SystemFailure) -> [String]
  /// The text of a file of at most so many bytes; `WorkbenchError` when it is not such a text.
  var text: @Sendable (_ path: String, _ limit: Int) throws -> String

  /// The files of this machine.
  static let system = FolderReader(
    names: { (folder) throws(SystemFailure) in
      guard let names = Folder.names(in: folder) else { throw SystemFailure(code: errno) }
      return names.filter { !$0.hasPrefix(".") }.sorted()
    },
    text: { path, limit in try read(path, atMost: limit) })

  private static func read(_ path: String, atMost limit: Int) throws -> String {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemFailure(code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemFailure(code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw WorkbenchError(.invalidArgument, "not a regular file")
    }
    guard status.st_size <= limit else {
      throw WorkbenchError(.outOfRange, "it has \(status.st_size) bytes; the limit is \(limit >> 10) KiB")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let read = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
      }
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw SystemFailure(code: errno) }
      guard read > 0 else { throw WorkbenchError(.dataLoss, "it changed while being read") }
      count += read
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw WorkbenchError(.invalidArgument, "not UTF-8 text")
    }
    return text
  }
}
