public import Logging
import Runtime

/// The files `NAME.jinja` of some folders, and what changed since the last scan.
///
/// Unlike inotify, polling works on every file system and with every way in which editors replace a file.
public struct TemplateFolders: Sendable {
  /// A change to one file.
  public enum Change: Sendable, Equatable {
    /// It is new, or not the same as before.
    case edited(name: String, path: String, text: String)
    /// It cannot be used as it is now.
    case refused(name: String, path: String, why: String)
    /// It is gone.
    case removed(name: String)
  }

  private let folders: [String]
  /// The file of each name at the last scan; if two folders have the name, that of the earlier folder.
  private var files: [String: (path: String, signature: FileSignature?)] = [:]

  /// Folders that have not been read yet.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  public init(_ folders: [String], log: Logger) throws {
    for folder in folders { try PluginFolders.check(folder, log: log) }
    self.folders = folders
  }

  /// Whether there are no folders.
  public var isEmpty: Bool { folders.isEmpty }

  /// The changes since the last scan: removals, then edits, each sorted by name.
  public mutating func changes() -> [Change] {
    var found: [String: String] = [:]
    for folder in folders {
      for (name, path) in (try? PluginFolders.files(.template, in: folder)) ?? [] where found[name] == nil {
        found[name] = path
      }
    }
    var changes: [Change] = []
    for name in files.keys.sorted() where found[name] == nil {
      files[name] = nil
      changes.append(.removed(name: name))
    }
    for (name, path) in found.sorted(by: { $0.key < $1.key }) {
      let signature = FileSignature(path: path)
      if let known = files[name], known.path == path, known.signature == signature { continue }
      files[name] = (path, signature)
      do {
        changes.append(.edited(name: name, path: path, text: try PluginFolders.read(path)))
      } catch {
        changes.append(
          .refused(name: name, path: path, why: (error as? WorkbenchError)?.message ?? "\(error)"))
      }
    }
    return changes
  }
}
