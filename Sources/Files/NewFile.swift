import Glibc

/// A file that gets its name only when it is complete, and is gone with this object otherwise.
///
/// Until then it has no name at all, so that even a process that is killed leaves nothing behind; on file systems that
/// cannot do this (NFS) it has a temporary one in the same folder.
public final class NewFile {
  /// The name that it will get.
  public let path: String
  private let replaces: Bool
  /// The temporary name, if it has one.
  private var temporary: String?
  private var descriptor: Int32

  /// Starts a file.
  ///
  /// - Parameter replacing: Whether a regular file of that name is replaced in the end; otherwise it is an error.
  /// - Throws: `FileError`, also where `complete` could only fail.
  public init(path: String, replacing: Bool) throws(FileError) {
    guard !path.isEmpty, !path.hasSuffix("/"), !path.utf8.contains(0) else {
      throw FileError(.invalid, "'\(path)' is not the path of a file")
    }
    self.path = path
    replaces = replacing
    var status = stat()
    if lstat(path, &status) == 0 {
      guard replacing else { throw FileError(.exists, "'\(path)' already exists") }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw FileError(.invalid, "'\(path)' is not a regular file, so it is not replaced")
      }
    } else if errno != ENOENT {
      throw FileError.system("cannot create '\(path)'")
    }
    descriptor = open(Self.folder(of: path), O_WRONLY | Self.unnamed | O_CLOEXEC, 0o666)
    guard descriptor < 0 else { return }
    let name = Self.temporaryName(beside: path)
    descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileError.system("cannot create '\(path)'") }
    temporary = name
  }

  /// `O_TMPFILE` of <fcntl.h>, which Swift does not import.
  private static let unnamed: Int32 = 0o20000000 | O_DIRECTORY

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if let temporary { unlink(temporary) }
  }

  /// Appends bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError.system("cannot write '\(path)'") }
      rest = rest.dropFirst(count)
    }
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBytes { raw in Result { () throws(FileError) in try write(raw) } }.get()
  }

  /// Brings the bytes to the disk, and gives the file its name.
  public func complete() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError.system("cannot write '\(path)'") }
    if replaces {
      // Only a file with a name can take another one's place.
      if temporary == nil {
        let name = Self.temporaryName(beside: path)
        try link(as: name)
        temporary = name
      }
      guard let temporary, rename(temporary, path) == 0 else {
        throw FileError.system("cannot replace '\(path)'")
      }
    } else {
      // Unlike rename, this fails if somebody has made a file of that name meanwhile.
      try link(as: path)
      if let temporary { unlink(temporary) }
    }
    let closed = descriptor
    descriptor = -1
    close(closed)
    syncFolder()
  }

  /// Gives the file one more name.
  private func link(as name: String) throws(FileError) {
    let source = temporary ?? "/proc/self/fd/\(descriptor)"
    guard linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW) != 0 else { return }
    if errno == EEXIST { throw FileError(.exists, "'\(path)' already exists") }
    throw FileError.system("cannot create '\(path)'")
  }

  /// A name in the folder of `path` that is short, since that of `path` may be as long as the system allows.
  private static func temporaryName(beside path: String) -> String {
    let unique = String(UInt64.random(in: .min ... .max), radix: 16)
    return "\(folder(of: path))/.\(unique).new"
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// Brings the new name to the disk, where the system can.
  private func syncFolder() {
    let descriptor = open(Self.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
