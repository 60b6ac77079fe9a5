import CGRPC
import Concurrency
import Glibc
import Synchronization

/// The core's queue with the one thread that does all I/O of a process and ends its operations.
///
/// Servers and channels share it: what a relay receives on that thread it can send on from there. It lives as long as
/// the process.
final class CompletionQueue: @unchecked Sendable {
  // Holds: the pointer never changes and the core's queue functions may be called from any thread.
  let pointer: OpaquePointer
  private let thread = Atomic<UInt>(0)
  private let isStarted = Mutex(false)
  /// What the thread does next, before it looks for events again.
  private let jobs = Mutex<[@Sendable () -> Void]>([])

  static let shared = CompletionQueue()

  private init() {
    Library.started
    guard let pointer = cgrpc_queue_create() else { preconditionFailure("no completion queue") }
    self.pointer = pointer
  }

  /// Starts the thread, unless it runs.
  ///
  /// - Throws: RESOURCE_EXHAUSTED when the system refuses another thread; a later call tries again.
  func start() throws(RPCError) {
    try isStarted.withLock { isStarted throws(RPCError) in
      if isStarted { return }
      try startThread(name: "rpc-io") { self.run() }
      isStarted = true
    }
  }

  /// Whether the caller is on the queue's thread.
  var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Runs `job` on the queue's thread, from which it must be called, once the event at hand has been dealt with.
  func add(_ job: @escaping @Sendable () -> Void) {
    jobs.withLock { $0.append(job) }
  }

  private func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    while true {
      let event = cgrpc_queue_next(pointer)
      switch event.kind {
      case CGRPC_EVENT_COMPLETION:
        if let tag = event.tag { Operation.finish(tag, ok: event.ok) }
        runJobs()
      case CGRPC_EVENT_SHUTDOWN: return
      default: continue
      }
    }
  }

  private func runJobs() {
    while true {
      let batch = jobs.withLock { jobs in
        defer { jobs = [] }
        return jobs
      }
      if batch.isEmpty { return }
      for job in batch { job() }
    }
  }
}

/// Runs tasks on the thread that does the I/O of a call, so that no other thread has to wake up for a message.
///
/// What runs there must not block: it would hold up all calls of the process.
final class CallExecutor: TaskExecutor {
  private let call: CoreCall

  init(_ call: CoreCall) { self.call = call }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let run: @Sendable () -> Void = { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    if CompletionQueue.shared.isCurrent { return CompletionQueue.shared.add(run) }
    // A batch without operations ends at once, on the queue's thread.
    if !call.start(Batch([]), { _ in run() }) { run() }
  }
}

/// Runs `body` on a detached thread.
///
/// - Throws: RESOURCE_EXHAUSTED when the system refuses another thread.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) throws(RPCError) {
  do throws(ThreadError) {
    try OwnThread.detached(name: name, body)
  } catch {
    throw RPCError(.resourceExhausted, "\(error)")
  }
}
