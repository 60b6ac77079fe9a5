import Concurrency
import Glibc
import Synchronization

/// Control-C: the first cancels the innermost work under way, a second one ends the program.
final class Interrupts: Sendable {
  private struct State {
    var work: [(id: Int, cancel: @Sendable () -> Void)] = []
    var interrupted: Set<Int> = []
    var next = 0
  }

  private let state = Mutex(State())

  /// Runs work that an interrupt cancels; throws `ClientError.interrupted` if the work throws after that.
  func during<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result
  {
    let task = Task { try await work() }
    let id = state.withLock { state in
      state.next += 1
      state.work.append((state.next, { task.cancel() }))
      return state.next
    }
    let result = await withTaskCancellationHandler {
      await task.result
    } onCancel: {
      task.cancel()
    }
    let interrupted = state.withLock { state in
      state.work.removeAll { $0.id == id }
      return state.interrupted.remove(id) != nil
    }
    if case .failure = result, interrupted { throw ClientError.interrupted }
    return try result.get()
  }

  /// Runs `body` with interrupts that end the program at once, as at a prompt.
  func leaving<Result>(_ body: () -> Result) -> Result {
    let id = state.withLock { state in
      state.next += 1
      state.work.append((state.next, { exit(ExitStatus.interrupted.rawValue) }))
      return state.next
    }
    defer { state.withLock { state in state.work.removeAll { $0.id == id } } }
    return body()
  }

  /// Handles one Control-C; false when there was nothing left to cancel.
  func deliver() -> Bool {
    let cancel: (@Sendable () -> Void)? = state.withLock { state in
      guard let top = state.work.last, state.interrupted.insert(top.id).inserted else { return nil }
      return top.cancel
    }
    cancel?()
    return cancel != nil
  }

  /// Handles SIGINT for the whole process; call it before any other thread exists.
  func install() {
    var mask = sigset_t()
    sigemptyset(&mask)
    sigaddset(&mask, SIGINT)
    pthread_sigmask(SIG_BLOCK, &mask, nil)
    do throws(ThreadError) {
      try OwnThread.detached { Interrupts.wait(self) }
    } catch {
      pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }
  }

  private static func wait(_ interrupts: Interrupts) -> Never {
    var mask = sigset_t()
    sigemptyset(&mask)
    sigaddset(&mask, SIGINT)
    var number: Int32 = 0
    while true {
      if sigwait(&mask, &number) == 0, !interrupts.deliver() { exit(ExitStatus.interrupted.rawValue) }
    }
  }
}
