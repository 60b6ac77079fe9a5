import Glibc
import Host

/// The folder for a user's own plugins, used in addition to the configured ones.
enum PluginPlace {
  /// `folders`, then the user's own one, which need not exist: `$XDG_DATA_HOME/workbench/plugins`, or
  /// `~/.local/share/workbench/plugins`.
  static func all(_ folders: [String]) -> [PluginFolder] {
    let asked = folders.map { PluginFolder($0) }
    guard let own, !folders.contains(where: { $0 == own || absolute($0) == absolute(own) ?? own }) else {
      return asked
    }
    return asked + [PluginFolder(own, isDefault: true)]
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
