import Glibc
import Host
import Runtime

/// The descriptors that a child inherits, and the start of a child that inherits nothing else.
struct Inheritance: ~Copyable {
  private var descriptors: [(ours: Int32, childs: Int32)] = []
  /// Duplicates start here, so that they cannot collide with the numbers that the child expects.
  private static let firstDuplicate: Int32 = 16

  deinit {
    for (ours, _) in descriptors { close(ours) }
  }

  /// Passes `descriptor` to the child under the number `number`; the caller still closes its own.
  mutating func add(_ descriptor: Int32, as number: Int32) throws {
    let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, Self.firstDuplicate)
    guard duplicate >= 0 else { throw ChildProcess.failure("fcntl") }
    descriptors.append((duplicate, number))
  }

  /// Starts the child.
  ///
  /// - Throws: `WorkbenchError` when the system has no descriptor or process left.
  func spawn(_ executable: String, _ arguments: [String], isSilent: Bool) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for output: Int32 in [1, 2] where isSilent {
      posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
    }
    for (ours, childs) in descriptors { posix_spawn_file_actions_adddup2(&actions, ours, childs) }
    for descriptor in try Self.inheritable()
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
    let variables =
      Self.environment(without: Self.variables.map(\.name)) + Self.variables.map { "\($0.name)=\($0.value)" }
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { (argv + environment).forEach { free($0) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, executable, &actions, &attributes, &argv, &environment)
    guard status == 0 else {
      throw WorkbenchError(
        .resourceExhausted, "a worker process could not be started: \(String(cString: strerror(status)))")
    }
    return process
  }

  /// The descriptors that a child would inherit, since not every library sets CLOEXEC on its own.
  ///
  /// - Throws: `WorkbenchError` when they cannot be listed, since "cannot read" does not mean "none".
  private static func inheritable() throws -> [Int32] {
    guard let names = Folder.names(in: "/proc/self/fd") else {
      throw ChildProcess.failure("/proc/self/fd")
    }
    return names.compactMap { Int32($0) }.filter { fcntl($0, F_GETFD) & FD_CLOEXEC == 0 }
  }

  /// What a child is told by its environment, whatever this process was told.
  private static let variables = [
    // Crashes are expected in a child, and the runtime's backtracer would keep a dead process's pipes open.
    (name: "SWIFT_BACKTRACE", value: "enable=no"),
    // Without privileges Dispatch cannot give its threads their priorities, and says so to the system's log: the socket
    // that it opens for that would look like an attempt to leave the sandbox.
    (name: "LIBDISPATCH_LOG", value: "NO"),
  ]

  private static func environment(without names: [String]) -> [String] {
    var result: [String] = []
    var entry = environ
    while let pointer = entry.pointee {
      let text = String(cString: pointer)
      if !names.contains(where: { text.hasPrefix($0 + "=") }) { result.append(text) }
      entry += 1
    }
    return result
  }
}
