import Glibc
import Logging

/// The folder for a user's own plugins, used in addition to the configured ones.
enum PluginPlace {
  /// `folders`, then the user's own one if it exists: `$XDG_DATA_HOME/workbench/plugins`, or
  /// `~/.local/share/workbench/plugins`.
  ///
  /// Its code is run, so a folder that others can write to is skipped, with a warning in the log.
  static func all(_ folders: [String], log: Logger) -> [String] {
    guard let own, !folders.contains(where: { absolute($0) == absolute(own) }) else { return folders }
    var status = stat()
    guard stat(own, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return folders }
    guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      log.warning(
        "plugin folder skipped", metadata: ["path": "\(own)", "why": "other users can write to it"])
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
