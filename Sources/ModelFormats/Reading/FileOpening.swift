import CSandbox
import Glibc

/// How the files of models and tokenizers are opened.
public enum FileOpening {
  /// Whether symbolic links are refused anywhere in a path: for files that a caller may name only inside some folders.
  ///
  /// Who checked the path saw it without links, so what is opened is what was checked, or nothing.
  @TaskLocal public static var refusesLinks = false

  /// Opens a file for reading, in a sandbox by asking the daemon for it; negative, with `errno` set, on failure, which
  /// with a refused link is ELOOP or ENOTDIR.
  public static func open(_ path: String) -> CInt {
    if refusesLinks {
      guard path.hasPrefix("/") else { return refuse(ENOENT) }
      guard !path.split(separator: "/").contains("..") else { return refuse(ELOOP) }
    }
    return csandbox_open(path, refusesLinks)
  }

  private static func refuse(_ reason: CInt) -> CInt {
    errno = reason
    return -1
  }
}
