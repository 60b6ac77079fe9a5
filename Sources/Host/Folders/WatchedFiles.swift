public import Logging
import Runtime

/// The templates, the presets or the profiles of some folders, and what changed since the last scan.
///
/// Unlike inotify, polling works on every file system, with every way in which editors replace a file, and with folders
/// that do not exist yet. What cannot be read is taken to be as it was: only what is known to be gone is removed.
public struct WatchedFiles: Sendable {
  /// A change to one file.
  public enum Change: Sendable, Equatable {
    /// It is new, or not the same as before.
    case edited(name: String, path: String, text: String)
    /// It cannot be used as it is now.
    case refused(name: String, path: String, why: String)
    /// It is gone.
    case removed(name: String)
  }

  private struct Known {
    var path: String
    /// nil: to be read again at the next scan.
    var signature: FileSignature?
    var isRead: Bool
    var problem = ""
  }

  private let kind: PluginFolders.Kind
  private let limit: Int
  private let folders: [PluginFolder]
  private let reader: FolderReader
  private let log: Logger
  /// The file of each name at the last scan; if two folders have the name, that of the earlier folder.
  private var files: [String: Known] = [:]
  /// The names in each folder when it could last be read.
  private var listings: [String: [String]] = [:]
  /// Why a folder is not read, logged once.
  private var problems: [String: String] = [:]

  /// The templates `NAME.jinja` of folders that have not been read yet; logs which files in them are not used.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  public static func templates(in folders: [PluginFolder], log: Logger) throws -> WatchedFiles {
    for folder in folders { try PluginFolders.check(folder, log: log) }
    return WatchedFiles(.template, limit: HostLimits.templateBytes, folders, reader: .system, log: log)
  }

  /// The presets `NAME.preset.yaml` of folders that have not been read yet.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  public static func presets(in folders: [PluginFolder], log: Logger) throws -> WatchedFiles {
    for folder in folders { _ = try PluginFolders.names(in: folder, log: log) }
    return WatchedFiles(.preset, limit: HostLimits.presetBytes, folders, reader: .system, log: log)
  }

  /// The profiles `NAME.profile.yaml` of folders that have not been read yet.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  public static func profiles(in folders: [PluginFolder], log: Logger) throws -> WatchedFiles {
    for folder in folders { _ = try PluginFolders.names(in: folder, log: log) }
    return WatchedFiles(.profile, limit: HostLimits.profileBytes, folders, reader: .system, log: log)
  }

  /// Files that `reader` reads.
  init(
    _ kind: PluginFolders.Kind, limit: Int, _ folders: [PluginFolder], reader: FolderReader, log: Logger
  ) {
    self.kind = kind
    self.limit = limit
    self.folders = folders
    self.reader = reader
    self.log = log
  }

  /// The changes since the last scan: removals, then edits, each sorted by name.
  public mutating func changes() -> [Change] {
    var found: [String: String] = [:]
    for folder in folders {
      for file in listing(of: folder) where file.hasSuffix(kind.rawValue) {
        let name = String(file.dropLast(kind.rawValue.count))
        if found[name] == nil { found[name] = "\(folder.path)/\(file)" }
      }
    }
    var changes: [Change] = []
    for name in files.keys.sorted() where found[name] == nil {
      files[name] = nil
      changes.append(.removed(name: name))
    }
    for (name, path) in found.sorted(by: { $0.key < $1.key }) {
      if let change = look(at: path, name) { changes.append(change) }
    }
    return changes
  }

  /// Reports the change again at the next scan, since it could not be applied.
  public mutating func tryAgain(_ change: Change) {
    if case .edited(let name, _, _) = change { files[name]?.isRead = false }
  }

  private mutating func listing(of folder: PluginFolder) -> [String] {
    if let why = folder.refusal {
      note(why, of: folder)
      listings[folder.path] = []
      return []
    }
    do throws(SystemFailure) {
      let names = try reader.names(folder.path)
      listings[folder.path] = names
      problems[folder.path] = nil
      return names
    } catch {
      guard error.isAbsence else {
        note("\(error); what was read before stays in use", of: folder)
        return listings[folder.path, default: []]
      }
      if !folder.isDefault { note("it is gone; it will be read again when it is back", of: folder) }
      listings[folder.path] = []
      return []
    }
  }

  private mutating func note(_ why: String, of folder: PluginFolder) {
    guard problems.updateValue(why, forKey: folder.path) != why else { return }
    log.warning("plugin folder not read", metadata: ["path": "\(folder.path)", "why": "\(why)"])
  }

  private mutating func look(at path: String, _ name: String) -> Change? {
    let signature = FileSignature(path: path)
    let before = files[name]
    if let before, before.isRead, before.path == path, before.signature == signature { return nil }
    var now = Known(path: path, signature: signature, isRead: true)
    defer { files[name] = now }
    let problem: String
    do {
      return .edited(name: name, path: path, text: try reader.text(path, limit))
    } catch let error as SystemFailure {
      now.isRead = false
      problem = "\(error)"
    } catch let error as WorkbenchError {
      // A file that was being written is whole at the next scan.
      now.isRead = error.kind != .dataLoss
      problem = error.message
    } catch {
      problem = "\(error)"
    }
    now.problem = problem
    return problem == before?.problem && path == before?.path
      ? nil : .refused(name: name, path: path, why: problem)
  }
}
