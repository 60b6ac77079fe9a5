import Foundation
import Glibc

/// A folder of its own for one test, removed with everything in it when this object goes.
public final class TemporaryFolder: Sendable {
  /// Its absolute path.
  public let path: String

  /// Makes the folder under `$TMPDIR` or `/tmp`.
  ///
  /// `inMemory` asks for a file system without a disk, where there is one: for tests that write thousands of files.
  public init(inMemory: Bool = false) throws {
    let memory = "/dev/shm"
    let usual = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let root = inMemory && access(memory, W_OK | X_OK) == 0 ? memory : usual
    var template = Array("\(root)/workbench-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(call: "mkdtemp", code: errno) }
    path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` in this folder.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try writeFile(file(name), bytes)
    return file(name)
  }

  /// Writes a program and returns its path.
  ///
  /// Another process puts it there: a file that this one has written itself may still be open in a child that another
  /// test has just forked, and such a file cannot be executed ("Text file busy").
  public func writeProgram(_ name: String, _ text: String) throws -> String {
    let source = try write(name + ".source", Array(text.utf8))
    let install = Process()
    install.executableURL = URL(fileURLWithPath: "/usr/bin/install")
    install.arguments = ["-m", "700", source, file(name)]
    try install.run()
    install.waitUntilExit()
    guard install.terminationStatus == 0 else { throw SystemError(call: "install \(name)", code: EIO) }
    return file(name)
  }
}

/// A system call that failed in test code.
public struct SystemError: Error, CustomStringConvertible {
  /// The call.
  public let call: String
  /// Its `errno`.
  public let code: CInt

  /// One line.
  public var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// Writes `bytes` to `path`, replacing what is there.
public func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw SystemError(call: "open \(path)", code: errno) }
  defer { close(descriptor) }
  var start = 0
  while start < bytes.count {
    let written = bytes.withUnsafeBytes { whole in
      let rest = UnsafeRawBufferPointer(rebasing: whole[start...])
      return Glibc.write(descriptor, rest.baseAddress, rest.count)
    }
    guard written > 0 else { throw SystemError(call: "write \(path)", code: errno) }
    start += written
  }
}
