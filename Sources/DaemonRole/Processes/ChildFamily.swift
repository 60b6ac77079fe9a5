import Concurrency
import Glibc
import Runtime
import Synchronization
import WorkerProtocol

/// The child processes that run, and the end of what they leave behind.
///
/// A child is started in a process group of its own, which is killed with it. A process that left the group is found
/// only if this process adopts orphans: then whatever it did not start itself was left by a child.
enum ChildFamily {
  private struct Members {
    var running: Set<Int32> = []
    var adopts = false
  }

  /// Locked while a child starts or is reaped, so that the number of a process is never used after it was reaped.
  private static let members = Mutex(Members())

  /// Makes this process the parent of what its children leave behind.
  ///
  /// For the daemon alone: from then on, every child that was not started here is killed when another one ends.
  static func adoptOrphans() {
    members.withLock { $0.adopts = true }
    Orphans.adopt()
  }

  /// Starts a child.
  static func start(_ spawn: () throws -> Int32) throws -> Int32 {
    let started: Result<Int32, any Error> = members.withLock { members in
      let result = Result { try spawn() }
      if case .success(let process) = result { members.running.insert(process) }
      return result
    }
    return try started.get()
  }

  /// Kills a child and its group; no effect if it was reaped.
  static func kill(_ process: Int32) {
    members.withLock { members in
      if members.running.contains(process) { Glibc.kill(-process, SIGKILL) }
    }
  }

  /// Kills every child with its group and with what it left behind.
  static func killAll() {
    members.withLock { members in
      for process in members.running { Glibc.kill(-process, SIGKILL) }
      if members.adopts { ChildProcesses.end() }
    }
  }

  /// Waits for a child to end, ends what it left, and returns how it ended.
  static func reap(_ process: Int32) -> WorkerExit {
    var info = siginfo_t()
    while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) < 0 {
      guard errno == EINTR else { return .status(-1) }
    }
    return members.withLock { members in
      // The number of the group cannot be taken again before its leader is reaped.
      Glibc.kill(-process, SIGKILL)
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      members.running.remove(process)
      if members.adopts { ChildProcesses.end(except: members.running) }
      return WorkerExit(waitStatus: status)
    }
  }
}
