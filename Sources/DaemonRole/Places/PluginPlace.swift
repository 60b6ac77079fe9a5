import Glibc
import Logging

/// The folder in which a user keeps plugins, beside those that the daemon is told of.
enum PluginPlace {
  /// `folders`, then the user's own one if there is such a folder: `$XDG_DATA_HOME/workbench/plugins`, or
  /// `~/.local/share/workbench/plugins`.
  ///
  /// Code in it is run, so one that others can write to is left out, and the log says so.
  static func all(_ folders: [String], log: Logger) -> [String] {
    guard let own, !folders.contains(where: { absolute($0) == absolute(own) }) else { return folders }
    var status = stat()
    guard stat(own, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return folders }
    guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      log.warning(
        "plugins left out", metadata: ["path": "\(own)", "why": "others than this user can write to it"])
      return folders
    }
    return folders + [own]
  }

  private static var own: String? {
    let data = variable("XDG_DATA_HOME") ?? variable("HOME").map { $0 + "/.local/share" }
    return data.map { $0 + "/workbench/plugins" }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), value.hasPrefix("/") else { return nil }
    return value
  }

  private static func absolute(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
