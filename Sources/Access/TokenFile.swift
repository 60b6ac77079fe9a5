import Glibc

/// A file of tokens on disk.
public struct TokenFile: Sendable {
  /// Where it is.
  public let path: String

  /// The file at a path.
  public init(_ path: String) {
    self.path = path
  }

  /// `$XDG_CONFIG_HOME/workbench/tokens`, or `~/.config/workbench/tokens`; nil if neither variable is set.
  public static var defaultPath: String? {
    func variable(_ name: String) -> String? {
      guard let value = getenv(name).map({ String(cString: $0) }), value.hasPrefix("/") else { return nil }
      return value
    }
    let folder = variable("XDG_CONFIG_HOME") ?? variable("HOME").map { $0 + "/.config" }
    return folder.map { $0 + "/workbench/tokens" }
  }

  /// Its tokens.
  public func read() throws(AccessError) -> TokenList {
    try TokenList(text: try PrivateFile.read(path), place: path)
  }

  static func read(version path: String) throws(AccessError) -> (TokenList, PrivateFile.Version) {
    let (text, version) = try PrivateFile.readVersion(path)
    return (try TokenList(text: text, place: path), version)
  }

  /// Changes its tokens; a missing file is created, with its folder, and two changes at once both count.
  public func update(_ change: (inout TokenList) throws(AccessError) -> Void) throws(AccessError) {
    // A link stays one: what it leads to is replaced.
    let path = resolved
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try Self.create(folder)
    let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0 else { throw PrivateFile.failure("cannot open '\(folder)'") }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else { throw PrivateFile.failure("cannot lock '\(folder)'") }
    }
    var list = TokenList()
    do throws(AccessError) {
      list = try TokenFile(path).read()
    } catch {
      guard error.kind == .notFound else { throw error }
    }
    try change(&list)
    try PrivateFile.write(list.text, to: path)
    // The new name is on disk only when the folder is.
    guard fsync(lock) == 0 else { throw PrivateFile.failure("cannot write '\(folder)'") }
  }

  /// Creates a folder and those around it, for this user only.
  private static func create(_ folder: String) throws(AccessError) {
    var path = folder.hasPrefix("/") ? "" : "."
    for name in folder.split(separator: "/") {
      path += "/" + name
      if mkdir(path, 0o700) != 0, errno != EEXIST { throw PrivateFile.failure("cannot create '\(path)'") }
    }
  }

  private var resolved: String {
    guard let name = realpath(path, nil) else { return path }
    defer { free(name) }
    return String(cString: name)
  }
}
