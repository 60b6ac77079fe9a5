import Glibc

/// Inode, size and modification time of a regular file: they show that it has changed, without reading it.
public struct FileSignature: Sendable, Equatable {
  private let inode: UInt64
  private let bytes: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// The state of the file at `path` now; nil when there is no regular file.
  public init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    inode = UInt64(status.st_ino)
    bytes = Int64(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
