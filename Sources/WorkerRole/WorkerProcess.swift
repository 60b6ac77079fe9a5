import Concurrency
import Glibc
import WorkerProtocol

/// What a worker or a plugin trial does to its own process before anything untrusted runs in it.
enum WorkerProcess {
  /// Disables core files, and makes this process the first that the kernel kills when memory runs out.
  static func limitDamage() {
    // A crashed worker is replaced; a core file of gigabytes would only fill the disk.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    // When memory runs out, the kernel should kill this process rather than the daemon, since models and
    // plugins use memory here.
    let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = write(file, "1000", 4)
  }

  /// Waits until the daemon has ended, then ends this process and what plugins started in it.
  static func waitForLifeline() -> Never {
    Orphans.adopt()
    var byte: UInt8 = 0
    while true {
      let count = read(InheritedDescriptors.lifeline, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      ChildProcesses.end()
      _exit(0)
    }
  }
}
