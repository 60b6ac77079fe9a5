import Concurrency
import Glibc
import Runtime
import Synchronization

/// A child process with a private socket to us, and a pipe by which it notices our death.
///
/// The child finds the socket at `socketDescriptor`, the read end of the pipe at `lifelineDescriptor` and what else
/// it is to inherit at `recordDescriptor`. The pipe's write end lives in this process only, so the kernel closes it
/// however we die.
public final class WorkerProcess: Sendable {
  /// Where the child finds its end of the socket pair.
  public static let socketDescriptor: Int32 = 3
  /// Where the child finds the pipe that ends when its parent does.
  public static let lifelineDescriptor: Int32 = 4
  /// Where the child finds the descriptor that it inherits beside these two.
  public static let recordDescriptor: Int32 = 5

  /// The child.
  public let processID: Int32
  /// Our end of the socket pair; whoever takes it closes it.
  public let descriptor: Int32
  private let lifeline: Int32
  private let exit = Exit()

  /// Starts `executable` with `arguments` (the first is the program's name).
  ///
  /// - Parameter record: A descriptor that the child inherits; it stays ours to close.
  /// - Throws: `WorkbenchError` when the system has no descriptor or process left.
  public init(executable: String, arguments: [String], record: Int32? = nil) throws {
    var sockets: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &sockets) == 0
    else {
      throw WorkerProcess.failure("socketpair")
    }
    var pipes: [Int32] = [-1, -1]
    guard pipe(&pipes) == 0 else {
      sockets.forEach { close($0) }
      throw WorkerProcess.failure("pipe")
    }
    // A worker that inherited the write end would keep its siblings alive.
    pipes.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
    // Numbers that the child's own 3 and 4 cannot collide with.
    let childSocket = fcntl(sockets[1], F_DUPFD_CLOEXEC, 16)
    let childLifeline = fcntl(pipes[0], F_DUPFD_CLOEXEC, 16)
    let childRecord = record.map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
    close(sockets[1])
    close(pipes[0])
    defer {
      close(childSocket)
      close(childLifeline)
      if let childRecord { close(childRecord) }
    }
    do {
      guard childSocket >= 0, childLifeline >= 0, childRecord ?? 0 >= 0 else {
        throw WorkerProcess.failure("fcntl")
      }
      var descriptors = [(childSocket, Self.socketDescriptor), (childLifeline, Self.lifelineDescriptor)]
      if let childRecord { descriptors.append((childRecord, Self.recordDescriptor)) }
      processID = try WorkerProcess.spawn(executable, arguments, descriptors)
    } catch {
      close(sockets[0])
      close(pipes[1])
      throw error
    }
    descriptor = sockets[0]
    lifeline = pipes[1]
    exit.watch(processID)
  }

  deinit {
    terminate()
    close(lifeline)
  }

  /// Whether the kernel has not ended the process yet.
  public var isAlive: Bool { exit.isAlive(processID) }

  /// Ends the process at once.
  public func terminate() {
    // The watcher has not reaped a process that is alive, so the number cannot belong to another one.
    if isAlive { kill(processID, SIGKILL) }
  }

  /// Returns when the process has ended and been reaped.
  public func waitForExit() async -> WorkerExit {
    await exit.wait()
  }

  private static func spawn(
    _ executable: String, _ arguments: [String], _ descriptors: [(ours: Int32, childs: Int32)]
  ) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (ours, childs) in descriptors { posix_spawn_file_actions_adddup2(&actions, ours, childs) }
    for descriptor in inheritableDescriptors()
    where descriptor > 2 && !descriptors.contains(where: { $0.childs == descriptor }) {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    // A group of its own: the terminal's Ctrl-C is for the daemon, which drains.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    // A crash is an ordinary event here: the runtime's own backtracer would keep the dead process's pipes open.
    var environment: [UnsafeMutablePointer<CChar>?] = currentEnvironment(without: "SWIFT_BACKTRACE").map {
      strdup($0)
    }
    environment += [strdup("SWIFT_BACKTRACE=enable=no"), nil]
    defer { (argv + environment).forEach { free($0) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, executable, &actions, &attributes, &argv, &environment)
    guard status == 0 else {
      throw WorkbenchError(
        .resourceExhausted, "a worker process could not be started: \(String(cString: strerror(status)))")
    }
    return pid
  }

  /// What a child would inherit; libraries are not all as careful as we are.
  private static func inheritableDescriptors() -> [Int32] {
    (Folder.names(in: "/proc/self/fd") ?? []).compactMap { Int32($0) }
      .filter { fcntl($0, F_GETFD) & FD_CLOEXEC == 0 }
  }

  private static func currentEnvironment(without name: String) -> [String] {
    var result: [String] = []
    var entry = environ
    while let pointer = entry.pointee {
      let text = String(cString: pointer)
      if !text.hasPrefix(name + "=") { result.append(text) }
      entry += 1
    }
    return result
  }

  private static func failure(_ call: String) -> WorkbenchError {
    WorkbenchError(
      .resourceExhausted, "a worker could not be connected: \(call): \(String(cString: strerror(errno)))")
  }
}

extension WorkerProcess {
  /// The end of a process: one thread reaps it, any number of tasks may wait.
  private final class Exit: Sendable {
    private struct State {
      var exit: WorkerExit?
      var waiting: [CheckedContinuation<WorkerExit, Never>] = []
    }
    private let state = Mutex(State())

    /// Starts the thread that reaps the process.
    func watch(_ pid: Int32) {
      // Without a thread nobody reaps it: the daemon has other troubles then.
      try? OwnThread.detached { self.end(Exit.reap(pid)) }
    }

    func isAlive(_ pid: Int32) -> Bool {
      state.withLock { state in
        guard state.exit == nil else { return false }
        var info = siginfo_t()
        // A process that has ended but is not reaped yet counts as ended.
        let status = waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT)
        return status == 0 && info.si_signo == 0
      }
    }

    func wait() async -> WorkerExit {
      await withCheckedContinuation { continuation in
        let exit = state.withLock { state -> WorkerExit? in
          if state.exit == nil { state.waiting.append(continuation) }
          return state.exit
        }
        if let exit { continuation.resume(returning: exit) }
      }
    }

    private func end(_ exit: WorkerExit) {
      let waiting = state.withLock { state in
        state.exit = exit
        defer { state.waiting = [] }
        return state.waiting
      }
      waiting.forEach { $0.resume(returning: exit) }
    }

    private static func reap(_ pid: Int32) -> WorkerExit {
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 {
        if errno != EINTR { return .status(-1) }
      }
      let signal = status & 0x7f
      return signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal)
    }
  }
}
