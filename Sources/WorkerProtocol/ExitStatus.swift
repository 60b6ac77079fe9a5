public import Runtime

/// The exit statuses that say why a worker or a plugin trial ended itself.
public enum ExitStatus: Int32, Sendable {
  /// A plugin's call did not return.
  case hungPlugin = 97
  /// A plugin wrote outside its memory.
  case corruptingPlugin = 98
  /// The model's file has changed.
  case changedFile = 99
  /// The engine is stuck.
  case stuckEngine = 100
}

extension WorkerExit {
  /// The exit that `waitpid` reported.
  public init(waitStatus: Int32) {
    let signal = waitStatus & 0x7f
    guard signal == 0 else {
      self = .signal(signal)
      return
    }
    let status = (waitStatus >> 8) & 0xff
    switch ExitStatus(rawValue: status) {
    case .hungPlugin: self = .hungPlugin
    case .corruptingPlugin: self = .corruptingPlugin
    case .changedFile: self = .changedFile
    case .stuckEngine: self = .stuckEngine
    case nil: self = .status(status)
    }
  }
}
