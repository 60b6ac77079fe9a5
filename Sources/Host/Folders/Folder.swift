import Glibc

/// The entries of a folder.
package enum Folder {
  /// The names, in the system's order, `.` and `..` among them; nil, with `errno` set, when it cannot be read.
  package static func names(in path: String) -> [String]? {
    guard let stream = opendir(path) else { return nil }
    var names: [String] = []
    // The end and a failure look the same but for `errno`.
    errno = 0
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
      errno = 0
    }
    let code = errno
    closedir(stream)
    guard code == 0 else {
      errno = code
      return nil
    }
    return names
  }
}
