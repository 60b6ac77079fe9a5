import Glibc

/// The folders in which callers that may not manage can name files.
public struct ModelFolders: Sendable, Equatable {
  private let folders: [String]

  /// These folders; with none, no path can be named.
  public init(_ folders: [String] = []) {
    self.folders = folders
  }

  /// Refuses a folder that cannot be found, or is not one.
  public func check() throws(AccessError) {
    for folder in folders {
      var status = stat()
      guard stat(folder, &status) == 0 else { throw PrivateFile.failure("cannot find '\(folder)'") }
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw AccessError(.invalid, "'\(folder)' is not a folder")
      }
    }
  }

  /// The path without links and `..` of a file or folder inside one of the folders.
  ///
  /// It is checked as it is now: who opens it must refuse links, so that it cannot lead elsewhere by then.
  ///
  /// - Throws: `AccessError` of kind `.forbidden`; whether a file exists outside the folders is not told.
  public func resolve(_ path: String) throws(AccessError) -> String {
    guard !folders.isEmpty else {
      throw AccessError(
        .forbidden,
        "naming a file needs the role 'manage': the daemon has no model_folders (--model-folder) for other roles"
      )
    }
    guard path.hasPrefix("/"), let resolved = Self.resolved(path),
      folders.contains(where: { Self.resolved($0).map { Self.contains($0, resolved) } ?? false })
    else {
      throw AccessError(
        .forbidden,
        "no file '\(path)' in the daemon's model_folders (\(folders.joined(separator: ", "))); "
          + "other paths need the role 'manage'")
    }
    return resolved
  }

  private static func contains(_ folder: String, _ path: String) -> Bool {
    path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }

  private static func resolved(_ path: String) -> String? {
    guard !path.utf8.contains(0), let name = realpath(path, nil) else { return nil }
    defer { free(name) }
    return String(cString: name)
  }
}
