package import Host
import Synchronization

/// Starts fake workers, and remembers them.
package final class FakeLauncher: WorkerLauncher {
  private let script: @Sendable (Int) throws -> FakeWorker.Script
  private let started = Mutex<[FakeWorker]>([])

  /// Every worker follows `script`.
  package convenience init(_ script: FakeWorker.Script = FakeWorker.Script()) {
    self.init(each: { _ in script })
  }

  /// The worker number `n`, from 0, follows `script(n)`; what that throws is a failure to start it.
  package init(each script: @escaping @Sendable (_ n: Int) throws -> FakeWorker.Script) {
    self.script = script
  }

  package func launch(plugins: [String]) async throws -> any Worker {
    try started.withLock { workers in
      let number = workers.count
      let worker = FakeWorker(
        processID: 1_000 + Int32(number), plugins: plugins, script: try script(number))
      workers.append(worker)
      return worker
    }
  }

  /// The workers that were started, in order.
  package var workers: [FakeWorker] { started.withLock { $0 } }

  /// How many workers have been started.
  package var count: Int { workers.count }
}
