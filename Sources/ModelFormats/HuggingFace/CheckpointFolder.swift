import Glibc

/// The files of a checkpoint's folder, each opened once.
final class CheckpointFolder {
  /// The path of the folder, without a slash at its end.
  let path: String
  /// The files that were opened, in that order: what the model was read from.
  private(set) var opened: [MappedFile] = []

  /// The folder at `path`.
  init(path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  /// Whether there is a folder at `path`.
  static func exists(at path: String) -> Bool {
    guard !path.utf8.contains(0) else { return false }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The file of this name; nil if the folder has none.
  func file(_ name: String) throws(ModelFormatError) -> MappedFile? {
    let place = self.place(of: name)
    if let known = opened.first(where: { $0.path == place }) { return known }
    var status = stat()
    // A link to nothing is a download that was not finished.
    guard lstat(place, &status) == 0 || errno != ENOENT else { return nil }
    let file = try MappedFile(path: place)
    opened.append(file)
    return file
  }

  /// The path of the file of this name.
  func place(of name: String) -> String { path + "/" + name }

  /// The JSON of this name; nil if the folder has none.
  func json(_ name: String) throws(ModelFormatError) -> JSONFile? {
    guard let file = try file(name) else { return nil }
    return try JSONFile(file)
  }
}
