/// How a worker's process ended.
public enum WorkerExit: Sendable, Equatable, CustomStringConvertible {
  /// It ended itself because a plugin's call did not return.
  case hungPlugin
  /// It ended itself because a plugin wrote outside its memory.
  case corruptingPlugin
  /// It ended itself because the model's file is not what it was when it was loaded.
  case changedFile
  /// It ended itself because a step of its engine did not end.
  case stuckEngine
  /// It was ended because it had stopped: by a signal, or with all of its threads stuck.
  case stopped
  /// It exited with this status.
  case status(Int32)
  /// A signal ended it.
  case signal(Int32)

  /// How a process ends that its parent kills.
  public static let endedHere = WorkerExit.signal(9)

  /// In words that follow the name of the process: "was ended by signal 9 (SIGKILL)".
  public var description: String {
    switch self {
    case .hungPlugin: "was ended because a plugin's call did not return"
    case .corruptingPlugin: "was ended because a plugin wrote outside its memory"
    case .changedFile: "was ended because the model's file had changed"
    case .stuckEngine: "was ended because a step of its engine did not end"
    case .stopped: "was ended because it had stopped answering"
    case .signal(7): "was ended by signal 7 (SIGBUS), as happens when the model's file becomes shorter"
    case .status(let status): "exited with status \(status)"
    case .signal(let signal): "was ended by signal \(signal) (\(WorkerExit.name(ofSignal: signal)))"
    }
  }

  /// A signal's name as `kill -l` lists it, "SIGSEGV".
  public static func name(ofSignal signal: Int32) -> String {
    let names: [Int32: String] = [
      1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS",
      8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU",
      31: "SIGSYS",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}
