import CGRPC
import Glibc

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

/// Runs `body` on a new detached thread that takes no signals, so that they reach the program's own threads.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var all = sigset_t()
  var before = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_SETMASK, &all, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(
    Box {
      cgrpc_library_name_thread(name)
      body()
    })
  let result = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, box.toOpaque())
  precondition(result == 0, "cannot start the thread \(name): error \(result)")
  pthread_detach(thread)
}
