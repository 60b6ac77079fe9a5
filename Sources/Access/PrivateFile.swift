import Glibc

/// A small text file that only its owner may read, such as one with tokens.
public enum PrivateFile {
  /// Which state of a file was read: it differs when the file was written to or replaced.
  struct Version: Equatable {
    private let numbers: [Int64]

    fileprivate init(_ status: stat) {
      numbers = [
        Int64(bitPattern: UInt64(status.st_dev)), Int64(bitPattern: UInt64(status.st_ino)),
        Int64(status.st_size), Int64(status.st_mode), Int64(status.st_mtim.tv_sec),
        Int64(status.st_mtim.tv_nsec), Int64(status.st_ctim.tv_sec), Int64(status.st_ctim.tv_nsec),
      ]
    }

    /// The state of the file now; nil if it cannot be told.
    init?(path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      self.init(status)
    }
  }

  /// The text of a file of at most 1 MiB that is this user's or root's and that no other user may open, without a
  /// byte-order mark.
  public static func read(_ path: String) throws(AccessError) -> String {
    try readVersion(path).text
  }

  /// The text of a file of at most 1 MiB that anybody may have and read, such as one with certificates.
  public static func readShared(_ path: String) throws(AccessError) -> String {
    try readVersion(path, isShared: true).text
  }

  static func readVersion(_ path: String, isShared: Bool = false) throws(AccessError) -> (
    text: String, version: Version
  ) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw AccessError(.invalid, "'\(path)' is not the path of a file")
    }
    // Non-blocking, so that a named pipe without a writer is refused instead of waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw failure("cannot open '\(path)'") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot inspect '\(path)'") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw AccessError(.invalid, "'\(path)' is not a regular file")
    }
    guard isShared || status.st_uid == geteuid() || status.st_uid == 0 else {
      throw AccessError(.invalid, "'\(path)' belongs to user \(status.st_uid); it must be this user's own")
    }
    guard isShared || status.st_mode & 0o077 == 0 else {
      throw AccessError(
        .invalid,
        "'\(path)' can be opened by other users (mode \(octal(status.st_mode))); run: chmod 600 '\(path)'")
    }
    guard status.st_size <= Limits.tokenFileBytes else {
      throw AccessError(.invalid, "'\(path)' is larger than \(Limits.tokenFileBytes >> 20) MiB")
    }
    return (try text(of: descriptor, path), Version(status))
  }

  private static func text(of descriptor: Int32, _ path: String) throws(AccessError) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot read '\(path)'") }
      if count == 0 { break }
      bytes += buffer[..<count]
      guard bytes.count <= Limits.tokenFileBytes else {
        throw AccessError(.invalid, "'\(path)' is larger than \(Limits.tokenFileBytes >> 20) MiB")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw AccessError(.invalid, "'\(path)' is not UTF-8 text")
    }
    return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  }

  /// Replaces a file's text with mode 0600: readers see the old text or the new one, and a crash leaves either.
  static func write(_ text: String, to path: String) throws(AccessError) {
    let fresh = "\(path).\(getpid()).new"
    unlink(fresh)
    let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure("cannot create '\(fresh)'") }
    var problem = writeAll(Array(text.utf8), descriptor)
    if problem == 0, fsync(descriptor) != 0 { problem = errno }
    if close(descriptor) != 0, problem == 0 { problem = errno }
    if problem == 0, rename(fresh, path) != 0 { problem = errno }
    guard problem == 0 else {
      unlink(fresh)
      throw failure("cannot write '\(path)'", problem)
    }
  }

  private static func writeAll(_ bytes: [UInt8], _ descriptor: Int32) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : EIO }
      rest = rest.dropFirst(count)
    }
    return 0
  }

  static func failure(_ what: String, _ code: Int32 = errno) -> AccessError {
    AccessError(
      code == ENOENT || code == ENOTDIR ? .notFound : .system, "\(what): \(String(cString: strerror(code)))")
  }

  private static func octal(_ mode: mode_t) -> String {
    let digits = String(mode & 0o777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
