import Access
import Concurrency
import Glibc
package import Runtime
import WorkerProtocol

/// A child process with a private socket to this one, and a pipe by which it notices this one's end.
///
/// When it ends, what it started ends too, and its socket is shut down: processes that inherited the other end would
/// keep it open.
///
/// The child inherits its end of the socket pair, the pipe's read end and more under the numbers of
/// `InheritedDescriptors`. Only this process has the pipe's write end, so the kernel closes it even if this
/// process is killed.
package final class ChildProcess: Sendable {
  /// The child's process id.
  package let processID: Int32
  /// The parent's end of the socket pair; closed by the user of this class.
  let descriptor: Int32
  /// Who attends to the child; nil: nobody.
  let attendant: ChildAttendant?
  private let lifeline: Int32
  /// A duplicate of the parent's end, to shut the socket down whoever else has closed or kept it.
  private let ending: Int32
  private let exit = OneShot<WorkerExit>()

  /// Starts `executable` with `arguments` (the first is the program's name).
  ///
  /// - Parameters:
  ///   - record: A descriptor that the child inherits; the caller still closes its own.
  ///   - isSilent: Whether what the child prints is discarded.
  ///   - folders: Those in which links may lead to the files that the child asks for.
  ///   - attention: Told what the child prints and what its sandbox refuses; nil: nobody attends to it, and it prints
  ///     where this process does.
  /// - Throws: `WorkbenchError` when the system has no descriptor, process or thread left.
  init(
    executable: String, arguments: [String], record: Int32? = nil, isSilent: Bool = false,
    folders: ModelFolders = ModelFolders(),
    attention: (@Sendable (ChildAttendant.Event) -> Void)? = nil
  ) throws {
    var sockets: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &sockets) == 0
    else {
      throw ChildProcess.failure("socketpair")
    }
    var pipes: [Int32] = [-1, -1]
    guard pipe(&pipes) == 0 else {
      sockets.forEach { close($0) }
      throw ChildProcess.failure("pipe")
    }
    // A child that inherited the write end would keep its siblings alive.
    pipes.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
    defer {
      close(sockets[1])
      close(pipes[0])
    }
    do {
      var inherited = Inheritance()
      try inherited.add(sockets[1], as: InheritedDescriptors.socket)
      try inherited.add(pipes[0], as: InheritedDescriptors.lifeline)
      if let record { try inherited.add(record, as: InheritedDescriptors.record) }
      ending = fcntl(sockets[0], F_DUPFD_CLOEXEC, 0)
      guard ending >= 0 else { throw ChildProcess.failure("fcntl") }
      do {
        attendant = try attention.map {
          try ChildAttendant.start(&inherited, isSilent: isSilent, folders: folders, $0)
        }
        processID = try ChildFamily.start { () throws in
          try inherited.spawn(executable, arguments, isSilent: isSilent)
        }
      } catch {
        close(ending)
        throw error
      }
    } catch {
      close(sockets[0])
      close(pipes[1])
      throw error
    }
    descriptor = sockets[0]
    lifeline = pipes[1]
    do throws(ThreadError) {
      try watch()
    } catch {
      close(descriptor)
      throw WorkbenchError(.resourceExhausted, "a worker process could not be watched: \(error)")
    }
  }

  deinit {
    terminate()
    close(lifeline)
  }

  /// Whether the kernel has not ended the process yet.
  package var isAlive: Bool {
    guard exit.value == nil else { return false }
    var info = siginfo_t()
    // A process that has ended but has not been reaped yet counts as ended.
    let status = waitid(P_PID, id_t(processID), &info, WEXITED | WNOHANG | WNOWAIT)
    return status == 0 && info.si_signo == 0
  }

  /// Ends the process and its group at once.
  package func terminate() { ChildFamily.kill(processID) }

  /// Returns when the process has ended and been reaped.
  package func waitForExit() async -> WorkerExit { await exit.waitToEnd() }

  /// Starts the thread that reaps the process; a process that cannot be watched is killed and reaped here.
  private func watch() throws(ThreadError) {
    do throws(ThreadError) {
      try OwnThread.detached(name: "reaper") { [exit, processID, ending] in
        let status = ChildFamily.reap(processID)
        shutdown(ending, Int32(SHUT_RDWR))
        close(ending)
        _ = exit.resolve(status)
      }
    } catch {
      ChildFamily.kill(processID)
      close(ending)
      _ = exit.resolve(ChildFamily.reap(processID))
      throw error
    }
  }

  static func failure(_ call: String) -> WorkbenchError {
    WorkbenchError(
      .resourceExhausted,
      "a worker process could not be started: \(call): \(String(cString: strerror(errno)))")
  }
}
