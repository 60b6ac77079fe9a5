import Foundation
import Glibc

/// Runs a command line in a shell on a pseudo terminal, and returns the lines that then stand on it.
struct TerminalRun {
  /// The folder that the command starts in.
  var folder: String
  /// The whole environment.
  var environment: [String: String]
  /// The width of the terminal in cells.
  var columns: UInt16 = 80

  /// Runs a command to its end; each line of `typed` answers a prompt `>>> `.
  func lines(of command: String, typed: [String]) async throws -> [String] {
    let (controller, terminal) = try open()
    defer { close(controller) }
    let shell = try start(command, terminal)
    close(terminal)
    let output = await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: Self.read(controller, typed)) }
    }
    shell.waitUntilExit()
    return Self.screen(String(decoding: output, as: UTF8.self))
  }

  /// Starts a command whose output nobody reads, as `command &` does.
  func startInBackground(_ command: String) throws -> Process {
    let null = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    return try start("exec " + command, null)
  }

  private func start(_ command: String, _ descriptor: Int32) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    process.standardInput = handle
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    return process
  }

  private func open() throws -> (controller: Int32, terminal: Int32) {
    // The requests of <asm-generic/ioctls.h>: unlock the terminal's side, and tell its number.
    let (unlock, number) = (0x4004_5431 as UInt, 0x8004_5430 as UInt)
    var (locked, index) = (0 as Int32, 0 as UInt32)
    let controller = Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard controller >= 0, ioctl(controller, unlock, &locked) == 0, ioctl(controller, number, &index) == 0
    else { throw POSIXError(.ENOTTY) }
    let terminal = Glibc.open("/dev/pts/\(index)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { throw POSIXError(.ENOTTY) }
    var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    return (controller, terminal)
  }

  /// Everything until the last process has closed the terminal; a prompt is answered when it is the last thing there.
  private static func read(_ controller: Int32, _ typed: [String]) -> [UInt8] {
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var rest = typed[...]
    while true {
      let count = Glibc.read(controller, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      // A terminal that nobody holds open any more gives EIO.
      guard count > 0 else { return output }
      output += buffer[..<count]
      if output.suffix(4).elementsEqual(Array(">>> ".utf8)), let line = rest.popFirst() {
        let bytes = Array((line + "\n").utf8)
        _ = write(controller, bytes, bytes.count)
      }
    }
  }

  /// The lines as a terminal shows them: what is drawn over is gone.
  private static func screen(_ output: String) -> [String] {
    let text = output.replacing("\r\n", with: "\n")
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.split(separator: "\r", omittingEmptySubsequences: false).last ?? "").replacing(
        "\u{1B}[K", with: "")
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
