import Glibc
import Host
import Runtime

/// The text of the daemon's configuration file.
enum ConfigurationFile {
  /// - Throws: `WorkbenchError` for anything but a readable, regular file of UTF-8 text.
  static func read(_ path: String) throws -> String {
    // Without O_NONBLOCK, a pipe would be waited for.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw unreadable(path, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw unreadable(path, "not a regular file")
    }
    guard status.st_size <= HostLimits.configurationBytes else {
      throw unreadable(
        path, "larger than \(HostLimits.configurationBytes >> 10) KiB, the limit for a configuration file")
    }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= HostLimits.configurationBytes {
      let count = block.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path, String(cString: strerror(errno))) }
      guard count > 0 else { break }
      bytes += block[..<count]
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw WorkbenchError(.invalidArgument, "'\(path)' is not UTF-8 text", field: "--config")
    }
    return text
  }

  private static func unreadable(_ path: String, _ reason: String) -> WorkbenchError {
    WorkbenchError(.notFound, "cannot read '\(path)': \(reason)", field: "--config")
  }
}
