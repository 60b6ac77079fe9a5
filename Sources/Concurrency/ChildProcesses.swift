import Glibc

/// The child processes of this process, with those that dead ones left to it.
public enum ChildProcesses {
  /// The processes whose parent is `parent`, those included that have ended and were not reaped; none where `/proc`
  /// cannot be read.
  public static func children(of parent: Int32) -> [Int32] {
    guard let folder = opendir("/proc") else { return parent == getpid() ? ownChildren() : [] }
    defer { closedir(folder) }
    var found: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let process = Int32(name), self.parent(of: process) == parent { found.append(process) }
    }
    return found
  }

  /// The children of this process as its threads list them, which a process in a sandbox can read.
  private static func ownChildren() -> [Int32] {
    guard let folder = opendir("/proc/self/task") else { return [] }
    defer { closedir(folder) }
    var found: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard Int32(name) != nil, let file = fopen("/proc/self/task/\(name)/children", "re") else { continue }
      defer { fclose(file) }
      var process: Int32 = 0
      while withUnsafeMutablePointer(to: &process, { withVaList([$0]) { vfscanf(file, "%d", $0) } }) == 1 {
        found.append(process)
      }
    }
    return found
  }

  /// Kills and reaps every child but `kept`, then what those left, until there is no other.
  public static func end(except kept: Set<Int32> = []) {
    // What cannot be killed (in a system call that does not return) must not keep this process.
    for _ in 0..<rounds {
      let others = children(of: getpid()).filter { !kept.contains($0) }
      if others.isEmpty { return }
      for process in others { kill(process, SIGKILL) }
      usleep(pause)
      for process in others { waitpid(process, nil, WNOHANG) }
    }
  }

  private static let rounds = 2000
  private static let pause: UInt32 = 1000

  /// The parent of a process, from `/proc/PID/stat`; nil if there is no such process.
  private static func parent(of process: Int32) -> Int32? {
    guard let file = fopen("/proc/\(process)/stat", "re") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 512)
    guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The name, in parentheses, may contain spaces and parentheses; state and parent follow it.
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    return fields.count > 2 ? Int32(fields[2]) : nil
  }
}
