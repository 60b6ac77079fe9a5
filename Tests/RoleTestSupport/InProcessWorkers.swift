import Concurrency
import DaemonRole
package import Host
package import RPC
package import Runtime
import Synchronization
import WorkerRole

/// Workers that are real but for their process: the server's side and the client's are both in the test.
package final class InProcessLauncher: WorkerLauncher {
  private let started = Mutex<[InProcessWorker]>([])

  /// No worker yet.
  package init() {}

  package func launch(plugins: [String]) async throws -> any Worker {
    let worker = started.withLock { workers in
      let worker = InProcessWorker(processID: 2_000 + Int32(workers.count))
      workers.append(worker)
      return worker
    }
    return WorkerClient(worker, channel: worker.channel, plugins: plugins)
  }

  /// The workers that were started, in order.
  package var workers: [InProcessWorker] { started.withLock { $0 } }
}

/// A worker server that can be ended as a process can.
package final class InProcessWorker: WorkerHandle {
  package let processID: Int32
  /// Where it answers, until it is ended.
  package let channel: Channel
  private let exit = OneShot<WorkerExit>()
  private let counter = Counter()

  init(processID: Int32) {
    self.processID = processID
    channel = Channel(inProcess: WorkerServer().routes())
  }

  package var isAlive: Bool { exit.value == nil }
  /// Grows with each look, since a worker in the process of the test runs when the test does.
  package var beats: Int { counter.next() + 1 }
  package func waitForExit() async -> WorkerExit { await exit.waitToEnd() }
  package func terminate() { die(.signal(9)) }

  /// Ends it like this; calls under way end too.
  package func die(_ end: WorkerExit) {
    _ = exit.resolve(end)
    channel.close()
  }
}
