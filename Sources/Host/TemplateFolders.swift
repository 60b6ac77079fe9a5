import Glibc
import Runtime

/// The files `NAME.jinja` of some folders, and what became of them since the last look.
///
/// Looked at again and again rather than told of by the kernel: that works on every file system, and whatever way
/// an editor replaces a file.
struct TemplateFolders: Sendable {
  static let suffix = ".jinja"

  /// What became of one file.
  enum Change: Sendable {
    /// It is there, or another than before.
    case edited(name: String, path: String, text: String)
    /// It cannot be used as it is now.
    case refused(name: String, path: String, why: String)
    /// It is gone.
    case removed(name: String)
  }

  /// What tells one state of a file from another.
  private struct Signature: Equatable {
    var inode: UInt
    var bytes: Int
    var seconds: Int
    var nanoseconds: Int
  }

  private let folders: [String]
  /// The file of each name, as it was at the last look; of two with one name, that of the earlier folder.
  private var files: [String: (path: String, signature: Signature?)] = [:]

  init(_ folders: [String]) {
    self.folders = folders
  }

  /// Whether there is anything to look at.
  var isEmpty: Bool { folders.isEmpty }

  /// What happened since the last look, by name.
  mutating func changes() -> [Change] {
    var found: [String: String] = [:]
    for folder in folders {
      for file in Folder.names(in: folder) ?? [] where file.hasSuffix(Self.suffix) && !file.hasPrefix(".") {
        let name = String(file.dropLast(Self.suffix.count))
        if found[name] == nil { found[name] = "\(folder)/\(file)" }
      }
    }
    var changes: [Change] = []
    for name in files.keys.sorted() where found[name] == nil {
      files[name] = nil
      changes.append(.removed(name: name))
    }
    for (name, path) in found.sorted(by: { $0.key < $1.key }) {
      let signature = Self.signature(of: path)
      if let known = files[name], known.path == path, known.signature == signature { continue }
      files[name] = (path, signature)
      do {
        changes.append(
          .edited(
            name: name, path: path, text: try PluginFolders.read(path)))
      } catch {
        changes.append(
          .refused(name: name, path: path, why: (error as? WorkbenchError)?.message ?? "\(error)"))
      }
    }
    return changes
  }

  private static func signature(of path: String) -> Signature? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Signature(
      inode: UInt(status.st_ino), bytes: Int(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }
}
