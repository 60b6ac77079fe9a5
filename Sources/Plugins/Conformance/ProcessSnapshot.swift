import CWorkbenchPlugin
import Glibc

/// The state of the process that a plugin must not change.
struct ProcessSnapshot {
  private var threads: Set<String> = []
  private var descriptors: [Int32: DescriptorIdentity] = [:]
  private var folder = ""
  private var locale = ""
  private var blockedSignals: [Int32] = []
  private var handlers: [Int32: UInt] = [:]
  private var mask: mode_t = 0
  private var arithmetic: UInt32 = 0
  private var memory = 0

  private struct DescriptorIdentity: Equatable {
    var device: UInt
    var file: UInt
  }

  /// Takes a snapshot of this process, which must not be doing anything else.
  static func take() -> ProcessSnapshot {
    var snapshot = ProcessSnapshot()
    snapshot.threads = currentThreads()
    for descriptor: Int32 in 0...64 {
      var status = stat()
      if fstat(descriptor, &status) == 0 {
        snapshot.descriptors[descriptor] = DescriptorIdentity(
          device: UInt(status.st_dev), file: UInt(status.st_ino))
      }
    }
    if let path = getcwd(nil, 0) {
      snapshot.folder = String(cString: path)
      free(path)
    }
    snapshot.locale = setlocale(LC_ALL, nil).map { String(cString: $0) } ?? ""
    var blocked = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &blocked)
    for signal: Int32 in 1..<32 {
      if sigismember(&blocked, signal) == 1 { snapshot.blockedSignals.append(signal) }
      var action = sigaction()
      if sigaction(signal, nil, &action) == 0 {
        snapshot.handlers[signal] = unsafeBitCast(action.__sigaction_handler, to: UInt.self)
      }
    }
    snapshot.mask = umask(0o077)
    umask(snapshot.mask)
    snapshot.arithmetic = wb_arithmetic_mode()
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    snapshot.memory = usage.ru_maxrss * 1024
    return snapshot
  }

  /// The differences now, each as the rest of a sentence about the library.
  func changes() -> [String] {
    var changes: [String] = []
    let left = threadsLeft()
    if left > 0 { changes.append("left \(left) thread\(left == 1 ? "" : "s") running") }
    let now = ProcessSnapshot.take()
    for (descriptor, identity) in descriptors.sorted(by: { $0.key < $1.key }) {
      guard let current = now.descriptors[descriptor] else {
        changes.append("closed file descriptor \(descriptor)")
        continue
      }
      if current != identity { changes.append("replaced file descriptor \(descriptor)") }
    }
    if now.folder != folder { changes.append("changed the working directory to \(printable(now.folder))") }
    if now.locale != locale { changes.append("changed the locale to \(printable(now.locale))") }
    if now.blockedSignals != blockedSignals { changes.append("changed which signals are blocked") }
    for signal in handlers.keys.sorted() where now.handlers[signal] != handlers[signal] {
      changes.append("changed how signal \(signal) is handled")
    }
    if now.mask != mask { changes.append("changed the umask") }
    if now.arithmetic != arithmetic {
      changes.append("changed how the processor rounds (built with -ffast-math or -Ofast?)")
    }
    if now.memory - memory > Limits.conformanceBytes {
      changes.append(
        "used \((now.memory - memory) >> 20) MiB of memory; the limit is \(byteCount(Limits.conformanceBytes))"
      )
    }
    return changes
  }

  /// How many threads are new, after those that are ending have had time to.
  private func threadsLeft() -> Int {
    var left = 0
    for _ in 0..<Limits.threadEndMilliseconds / 10 {
      left = Self.currentThreads().subtracting(threads).count
      if left == 0 { return 0 }
      usleep(10_000)
    }
    return left
  }

  private static func currentThreads() -> Set<String> {
    guard let folder = opendir("/proc/self/task") else { return [] }
    defer { closedir(folder) }
    var names: Set<String> = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.insert(name) }
    }
    return names
  }
}
