import Glibc
import Runtime
import WorkbenchAPI

/// The place of the daemon's unix socket.
enum SocketPlace {
  /// The path to bind: the one asked for, or the default one, whose folder is created with mode 0700.
  static func prepare(_ asked: String?) throws -> String {
    if let asked { return asked }
    let path = DefaultAddress.socketPath()
    let folder = path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    if mkdir(folder, 0o700) != 0, errno != EEXIST {
      throw WorkbenchError(
        .failedPrecondition,
        "\(folder): \(String(cString: strerror(errno))); choose another place with --socket PATH")
    }
    var status = stat()
    guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
      status.st_mode & 0o077 == 0
    else {
      throw WorkbenchError(
        .failedPrecondition,
        "\(folder) is not a folder of this user's own with mode 0700; choose another place with --socket PATH"
      )
    }
    return path
  }
}
