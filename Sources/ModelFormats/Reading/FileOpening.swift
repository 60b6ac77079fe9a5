import Glibc

/// How the files of models and tokenizers are opened.
public enum FileOpening {
  /// Whether symbolic links are refused anywhere in a path: for files that a caller may name only inside some folders.
  ///
  /// Who checked the path saw it without links, so what is opened is what was checked, or nothing.
  @TaskLocal public static var refusesLinks = false

  /// `O_PATH` of `<fcntl.h>`, which Swift does not import: finds a folder without reading it.
  private static let findOnly: CInt = 0o10000000

  /// Opens a file for reading; negative, with `errno` set, on failure, which with a refused link is ELOOP or ENOTDIR.
  public static func open(_ path: String) -> CInt {
    let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    guard refusesLinks else { return Glibc.open(path, flags) }
    guard path.hasPrefix("/") else {
      errno = ENOENT
      return -1
    }
    let names = path.split(separator: "/").map(String.init)
    var folder = Glibc.open("/", findOnly | O_DIRECTORY | O_CLOEXEC)
    for (index, name) in names.enumerated() where folder >= 0 {
      let isLast = index == names.count - 1
      let next =
        name == ".."
        ? refuse() : openat(folder, name, O_NOFOLLOW | (isLast ? flags : findOnly | O_DIRECTORY | O_CLOEXEC))
      let reason = errno
      close(folder)
      errno = reason
      folder = next
    }
    return folder
  }

  private static func refuse() -> CInt {
    errno = ELOOP
    return -1
  }
}
