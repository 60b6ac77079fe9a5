import Glibc

/// The address that the daemon and clients use by default.
public enum DefaultAddress {
  /// The environment variable that names another address.
  public static let variable = "WORKBENCH_ADDRESS"

  /// The path of the daemon's unix socket: `$XDG_RUNTIME_DIR/workbench/workbenchd.sock`, or
  /// `/tmp/workbench-<uid>/workbenchd.sock` when that variable is unset, empty or relative.
  public static func socketPath(runtimeDirectory: String? = environment("XDG_RUNTIME_DIR")) -> String {
    if let runtimeDirectory, runtimeDirectory.hasPrefix("/") {
      return runtimeDirectory + (runtimeDirectory.hasSuffix("/") ? "" : "/") + "workbench/workbenchd.sock"
    }
    return "/tmp/workbench-\(getuid())/workbenchd.sock"
  }

  /// The address for a client: `given`, else the environment's, else the unix socket.
  public static func resolve(_ given: String? = nil) -> String {
    if let given, !given.isEmpty { return given }
    return environment(variable) ?? "unix:" + socketPath()
  }

  /// A variable of the environment; nil when it is unset or empty.
  public static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }
}
