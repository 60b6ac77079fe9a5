import Glibc
import WorkerProtocol

/// What a worker and a plugin trial do to their own process before anything untrusted runs in it.
enum WorkerProcess {
  /// Makes the end of this process cheap: no core file, and first to be ended when memory runs out.
  static func limitDamage() {
    // A crash is answered by a fresh process; a core file of gigabytes helps nobody.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    // When memory runs out the kernel is to end this process, never the daemon: whatever uses it up, a plugin
    // perhaps, is here.
    let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = write(file, "1000", 4)
  }

  /// Returns never: ends the process when the daemon is gone.
  static func waitForLifeline() -> Never {
    var byte: UInt8 = 0
    while true {
      let count = read(InheritedDescriptors.lifeline, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      _exit(0)
    }
  }
}
