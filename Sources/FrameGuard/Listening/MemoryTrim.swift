import CLinux
import NIOPosix
import Synchronization

/// Gives memory that an attack took back to the system: the allocator would keep it for later.
final class MemoryTrim: Sendable {
  private let pool: NIOThreadPool
  private let isDue = Mutex(false)

  init(on pool: NIOThreadPool) { self.pool = pool }

  /// Trims soon, once for all requests until then.
  func request() {
    let first = isDue.withLock { isDue in
      defer { isDue = true }
      return !isDue
    }
    guard first else { return }
    Task.detached { [self] in
      try? await Task.sleep(for: ListenerLimits.trimDelay)
      isDue.withLock { $0 = false }
      _ = try? await pool.runIfActive { clinux_memory_trim() }
    }
  }
}
