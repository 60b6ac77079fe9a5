import Runtime
import WorkbenchAPI

/// The place of the state file.
enum StatePlace {
  /// What stands for no file.
  static let none = "none"

  /// The path that was asked for, or `$XDG_STATE_HOME/workbench/state.db` or the same under `~/.local/state`; nil to keep
  /// nothing.
  ///
  /// - Throws: `WorkbenchError` when the environment names no folder.
  static func path(
    _ asked: String?, environment: (String) -> String? = DefaultAddress.environment
  ) throws -> String? {
    if let asked { return asked == none ? nil : asked }
    func folder(_ name: String) -> String? {
      environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    guard let state = folder("XDG_STATE_HOME") ?? folder("HOME").map({ $0 + "/.local/state" }) else {
      throw WorkbenchError(
        .failedPrecondition,
        "neither XDG_STATE_HOME nor HOME names a folder for the state file; give --state FILE or --state none"
      )
    }
    return state + "/workbench/state.db"
  }
}
