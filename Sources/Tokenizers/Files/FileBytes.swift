import Glibc
import ModelFormats

/// Reads a whole regular file into memory, within a limit.
enum FileBytes {
  /// The bytes of `path`, at most `limit`.
  static func read(_ path: String, limit: Int = Limits.fileBytes) throws(TokenizerError) -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .file(path: path, reason: "not a regular file; give the path of a tokenizer")
    }
    guard let size = Int(exactly: status.st_size), size <= limit else {
      throw .limit(name: "fileBytes", found: Int(clamping: status.st_size), maximum: limit)
    }
    var bytes = [UInt8](repeating: 0, count: size)
    var filled = 0
    while filled < size {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, size - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
      // The file shrank while it was read: keep what was read.
      guard count > 0 else { break }
      filled += count
    }
    bytes.removeSubrange(filled...)
    return bytes
  }

  private static func open(_ path: String) throws(TokenizerError) -> CInt {
    guard !path.utf8.contains(0) else { throw .file(path: "the path", reason: "contains a NUL byte") }
    let descriptor = FileOpening.open(path)
    guard descriptor >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
    return descriptor
  }

  /// The first `count` bytes of `path`, or all if there are fewer.
  static func head(_ path: String, count: Int) throws(TokenizerError) -> ArraySlice<UInt8> {
    let descriptor = try open(path)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: count)
    let found = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, count) }
    return bytes.prefix(max(0, found))
  }

  /// Whether `path` is a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a file or folder exists at `path`.
  static func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }
}
