import Glibc
import Logging
import Runtime

/// A folder with plugins.
public struct PluginFolder: Sendable, Equatable {
  /// Where it is.
  public var path: String
  /// Whether it is used only while it exists and nobody else can write to it, since nobody asked for it by name.
  public var isDefault: Bool

  /// The folder at `path`.
  public init(_ path: String, isDefault: Bool = false) {
    self.path = path
    self.isDefault = isDefault
  }

  /// Why a default folder is not used although it exists; nil for one that is used.
  var refusal: String? {
    var status = stat()
    // What cannot be looked at cannot be read either, which says why.
    guard isDefault, stat(path, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFDIR else { return "it is not a folder" }
    return status.st_uid == geteuid() && status.st_mode & 0o022 == 0 ? nil : "other users can write to it"
  }
}

/// Finds the files of plugin folders.
enum PluginFolders {
  /// The kind of a file, by its suffix.
  enum Kind: String, CaseIterable {
    /// A prompt template.
    case template = ".jinja"
    /// A sampler preset.
    case preset = ".preset.yaml"
    /// A profile.
    case profile = ".profile.yaml"
    /// A library, tried by `PluginLibraries`.
    case library = ".so"
  }

  /// The names of the files that are used, of every kind, sorted; a default folder that is absent has none.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  static func names(in folder: PluginFolder, log: Logger) throws -> [String] {
    if let why = folder.refusal {
      log.warning("plugin folder skipped", metadata: ["path": "\(folder.path)", "why": "\(why)"])
      return []
    }
    do throws(SystemFailure) {
      return try FolderReader.system.names(folder.path)
    } catch {
      if folder.isDefault, error.isAbsence { return [] }
      throw WorkbenchError(.notFound, "\(folder.path): \(error)", field: "--plugin-dir")
    }
  }

  /// Refuses a folder that cannot be read, and logs which files in it are not used.
  static func check(_ folder: PluginFolder, log: Logger) throws {
    for file in try names(in: folder, log: log)
    where !Kind.allCases.contains(where: { file.hasSuffix($0.rawValue) }) {
      let known = Kind.allCases.map { "NAME\($0.rawValue)" }.joined(separator: ", ")
      log.warning(
        "plugin file skipped",
        metadata: ["path": "\(folder.path)/\(file)", "why": "only \(known) are used"])
    }
  }
}
