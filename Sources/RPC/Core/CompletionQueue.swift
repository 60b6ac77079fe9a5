import CGRPC
import Concurrency

/// A queue of the core's with the one thread that does its I/O and ends its operations.
///
/// There is one for all servers and one for all channels of a process; both live as long as the process.
struct CompletionQueue: @unchecked Sendable {
  // Holds: the pointer never changes and the core's queue functions may be called from any thread.
  let pointer: OpaquePointer

  static let server = CompletionQueue(name: "rpc-server")
  static let client = CompletionQueue(name: "rpc-client")

  private init(name: String) {
    Library.started
    guard let pointer = cgrpc_queue_create() else { preconditionFailure("no completion queue") }
    self.pointer = pointer
    let queue = self
    startThread(name: name) { queue.run() }
  }

  private func run() {
    while true {
      let event = cgrpc_queue_next(pointer)
      switch event.kind {
      case CGRPC_EVENT_COMPLETION:
        if let tag = event.tag { Operation.finish(tag, ok: event.ok) }
      case CGRPC_EVENT_SHUTDOWN: return
      default: continue
      }
    }
  }
}

/// Runs `body` on a detached thread without which this module cannot work.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
  do throws(ThreadError) {
    try OwnThread.detached(name: name, body)
  } catch {
    preconditionFailure("\(name): \(error)")
  }
}
