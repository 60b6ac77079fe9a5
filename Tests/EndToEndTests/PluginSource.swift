import Foundation
import Testing

/// Plugins as their authors have them: sources, and one line to build each.
enum PluginSource {
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// The source of a teaching plugin.
  static func shipped(_ name: String) -> String { "\(repository)/plugins/\(name).c" }

  /// The source of a plugin that does what none may.
  static func misbehaving(_ name: String) -> String {
    "\(repository)/Tests/PluginsTests/Misbehaving/\(name).c"
  }

  /// Builds a library as `plugins/README.md` says.
  static func compile(_ source: String, to library: String, _ flags: [String] = []) async throws {
    let include = "\(repository)/Sources/CWorkbenchPlugin/include"
    let result = try await run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["cc", "-shared", "-fPIC", "-I", include] + flags + ["-o", library, source])
    try #require(result.status == 0, "\(result.error)")
  }
}
