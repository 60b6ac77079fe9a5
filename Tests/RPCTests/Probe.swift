import Glibc

/// A run of the `RPCTestProbe` executable, which SwiftPM builds beside the tests; killed when let go.
final class Probe: Sendable {
  let process: Int32
  private let output: Int32

  /// Starts it; nil when it cannot be found or started.
  init?(_ arguments: String...) {
    guard let path = Self.path else { return nil }
    var pipes: [Int32] = [-1, -1]
    guard pipe(&pipes) == 0 else { return nil }
    for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let result = posix_spawn(&process, path, &actions, nil, words, environ)
    close(pipes[1])
    self.process = process
    output = pipes[0]
    if result != 0 { return nil }
  }

  deinit {
    kill()
    close(output)
  }

  /// Ends it at once, as a crash would.
  func kill() {
    Glibc.kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// The next line of its output; nil at the end.
  func line() async -> String? {
    await blocking { self.nextLine() }
  }

  private func nextLine() -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while read(output, &byte, 1) == 1 {
      if byte == 10 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// All lines up to the end of its output.
  func lines() async -> [String] {
    await blocking {
      var lines: [String] = []
      while let line = self.nextLine() { lines.append(line) }
      return lines
    }
  }

  private static var path: String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    guard length > 0 else { return nil }
    // The tests run inside the test bundle or under a helper of the toolchain's; the bundle is named in the arguments.
    let candidates =
      [String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)]
      + CommandLine.arguments
    for candidate in candidates {
      guard let slash = candidate.lastIndex(of: "/") else { continue }
      let path = candidate[..<slash] + "/RPCTestProbe"
      if access(String(path), X_OK) == 0 { return String(path) }
    }
    return nil
  }
}
