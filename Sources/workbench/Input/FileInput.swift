import Glibc
import Terminal

/// Whole files and standard input, up to `Limits.inputBytes`.
enum FileInput {
  /// The bytes of a file, or of standard input when the path is `-`.
  static func read(_ path: String) throws(ClientError) -> [UInt8] {
    if path == "-" { return try readAll(Console.current.input, "standard input") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw ClientError(errno == ENOENT ? .notFound : .failure, "cannot open '\(path)': \(reason)")
    }
    defer { close(descriptor) }
    return try readAll(descriptor, "'\(path)'")
  }

  /// UTF-8's byte order mark, which some editors put in front of a text; it is no part of it.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The text of a file or of standard input, without a byte order mark; bytes that are not UTF-8 are an error, since
  /// decoding would change them.
  static func readText(_ path: String) throws(ClientError) -> String {
    var bytes = try read(path)
    if bytes.starts(with: byteOrderMark) { bytes.removeFirst(byteOrderMark.count) }
    return try text(bytes, path == "-" ? "standard input" : "'\(path)'")
  }

  /// Standard input as bytes unless it is a terminal, which gives nil.
  static func pipedBytes() throws(ClientError) -> [UInt8]? {
    isTerminal(Console.current.input) ? nil : try read("-")
  }

  /// Standard input as text unless it is a terminal, which gives nil.
  static func pipedText() throws(ClientError) -> String? {
    guard let bytes = try pipedBytes() else { return nil }
    return try text(bytes, "standard input")
  }

  /// The absolute path of a file, as the daemon needs it; what is not a file here is kept as a name.
  static func onThisMachine(_ reference: String) throws(ClientError) -> String {
    guard let path = realpath(reference, nil) else { return reference }
    defer { free(path) }
    return try self.path(path)
  }

  /// The folder in which the client was started; empty if it has none any more.
  static func currentFolder() throws(ClientError) -> String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return try self.path(path)
  }

  /// A path, from `folder` if it is relative.
  static func absolute(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") || folder.isEmpty ? path : folder + (folder == "/" ? "" : "/") + path
  }

  /// A path that the system gave as text.
  static func path(_ path: UnsafePointer<CChar>) throws(ClientError) -> String {
    guard let text = String(validatingCString: path) else {
      throw ClientError(
        .usage,
        "the path \(SafeText.quoted(Array(String(cString: path).utf8))) is not UTF-8; rename the folder")
    }
    return text
  }

  private static func text(_ bytes: [UInt8], _ name: String) throws(ClientError) -> String {
    if let offset = UTF8Check.firstInvalid(bytes) {
      let line = bytes[..<offset].count { $0 == 0x0A } + 1
      throw ClientError(
        .usage,
        "\(name) is not UTF-8 at byte \(offset + 1), line \(line): \(SafeText.quoted(bytes[offset...].prefix(1)))"
      )
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func readAll(_ descriptor: Int32, _ name: String) throws(ClientError) -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return result }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          // Another program that shares the descriptor may have made it one that does not wait.
          var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          _ = poll(&item, 1, -1)
          continue
        }
        if errno == EBADF { throw ClientError(.usage, "cannot read \(name): it is closed") }
        throw ClientError(.failure, "cannot read \(name): \(String(cString: strerror(errno)))")
      }
      result += buffer[..<count]
      guard result.count <= Limits.inputBytes else {
        throw ClientError(
          .usage, "\(name) is larger than the limit of \(Format.bytes(UInt64(Limits.inputBytes)))")
      }
    }
  }
}
