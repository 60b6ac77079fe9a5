import Glibc

/// The memory and the cores that this process may use.
enum System {
  /// Bytes that can be used without swapping, by the kernel's estimate and the control group's limit; nil:
  /// unknown.
  static func availableMemory() -> Int? {
    let system = field("MemAvailable:", in: read("/proc/meminfo")).flatMap { kibibytes in
      let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
      return overflow ? nil : bytes
    }
    guard let most = Int(trimmed(read("/sys/fs/cgroup/memory.max"))),
      let now = Int(trimmed(read("/sys/fs/cgroup/memory.current")))
    else { return system }
    return min(system ?? Int.max, max(0, most - now))
  }

  /// Cores that this process may use, by its affinity mask; at least 1.
  static func availableCores() -> Int {
    let name = "Cpus_allowed_list:"
    let lines = read("/proc/self/status").split(separator: "\n")
    let list = lines.first { $0.hasPrefix(name) }?.dropFirst(name.count)
    let cores = list.flatMap { Self.cores(in: $0) } ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return min(max(cores, 1), Limits.threads.upperBound)
  }

  /// How many numbers a list of ranges such as `0-3,8` has; nil when it is not one.
  static func cores(in list: Substring) -> Int? {
    var count = 0
    for range in list.filter({ !$0.isWhitespace }).split(separator: ",") {
      let ends = range.split(separator: "-").compactMap { Int32($0) }.map { Int($0) }
      guard let first = ends.first, let last = ends.last, ends.count <= 2, last >= first else { return nil }
      count += last - first + 1
    }
    return count
  }

  /// The number after `name` on a line of its own.
  static func field(_ name: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    return nil
  }

  private static func trimmed(_ text: String) -> Substring {
    text.prefix { $0 != "\n" && $0 != " " }
  }

  /// The start of a small kernel file; empty when it cannot be read.
  private static func read(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
  }
}
