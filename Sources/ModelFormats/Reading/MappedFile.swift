import Glibc

/// A regular file mapped into memory for reading, for as long as this object lives.
///
/// A mapping shows what the file holds now: a file that shrinks in place takes pages away and touching them
/// raises SIGBUS. `stillIntact()` finds that out after the fact; surviving it takes a process of its own.
///
/// Unchecked sendable because the pointer never changes and the pages are mapped read-only.
public final class MappedFile: @unchecked Sendable {
  /// The path that was opened.
  public let path: String
  /// The size when it was opened, in bytes.
  public let byteCount: Int

  private let base: UnsafeMutableRawPointer?
  private let descriptor: CInt
  private let opened: Identity

  /// Size, identity and change time of a file.
  private struct Identity: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      size = Int64(status.st_size)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  /// Opens and maps `path`; refuses at once, without reading, what is not a regular file.
  public init(path: String) throws(ModelFormatError) {
    guard !path.utf8.contains(0) else {
      throw ModelFormatError(.notFound, path: path, "the path holds a NUL byte")
    }
    // Looked at before it is opened: opening a device can have effects of its own.
    var status = stat()
    guard stat(path, &status) == 0 else { throw Self.failure(errno, path) }
    try Self.requireRegular(status, path)
    let descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw Self.failure(errno, path) }
    var keep = false
    defer { if !keep { close(descriptor) } }
    // And again, since the path may name another file by now.
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(errno, path) }
    try Self.requireRegular(status, path)
    guard let size = Int(exactly: status.st_size), size >= 0 else {
      throw ModelFormatError(.tooLarge, path: path, "the file has \(status.st_size) bytes")
    }
    var base: UnsafeMutableRawPointer?
    if size > 0 {
      base = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0)
      if base == MAP_FAILED { throw Self.failure(errno, path) }
    }
    self.path = path
    self.byteCount = size
    self.base = base
    self.descriptor = descriptor
    self.opened = Identity(status)
    keep = true
  }

  deinit {
    if let base { munmap(base, byteCount) }
    close(descriptor)
  }

  /// Calls `body` with the bytes of the file; they are valid during the call only.
  public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: byteCount))
  }

  /// False when the file behind the mapping was cut, grown or written to since it was opened.
  ///
  /// Replacing the path by renaming another file over it leaves the mapping alone and so gives true.
  public func stillIntact() -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && Identity(status) == opened
  }

  /// True when the path names another file now, or none: the next open would see something else.
  public func isReplaced() -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return true }
    let now = Identity(status)
    return now.device != opened.device || now.inode != opened.inode
  }

  /// Tells the system that the pages wholly inside `range` are not needed; reading them again reloads them.
  public func adviseDontNeed(_ range: Range<Int>) {
    guard let base, let page = Int(exactly: sysconf(CInt(_SC_PAGESIZE))), page > 0 else { return }
    let range = range.clamped(to: 0..<byteCount)
    let (rounded, overflow) = range.lowerBound.addingReportingOverflow(page - 1)
    guard !overflow else { return }
    let start = rounded / page * page
    // The file's last page has no neighbour to spare.
    let end = range.upperBound == byteCount ? byteCount : range.upperBound / page * page
    if start < end { madvise(base + start, end - start, MADV_DONTNEED) }
  }

  private static func requireRegular(_ status: stat, _ path: String) throws(ModelFormatError) {
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: kind = "a directory"
    case S_IFIFO: kind = "a named pipe"
    case S_IFSOCK: kind = "a socket"
    case S_IFCHR, S_IFBLK: kind = "a device"
    default: kind = "not a regular file"
    }
    throw ModelFormatError(.notARegularFile, path: path, "this is \(kind)", expected: "name a model file")
  }

  private static func failure(_ code: CInt, _ path: String) -> ModelFormatError {
    switch code {
    case ENOENT, ENOTDIR:
      ModelFormatError(.notFound, path: path, "there is no such file")
    case ENAMETOOLONG:
      ModelFormatError(.notFound, path: path, "the path is too long")
    case ENOMEM, EOVERFLOW:
      ModelFormatError(
        .tooLarge, path: path, "the file is too large to map (\(String(cString: strerror(code))))")
    default:
      ModelFormatError(.notReadable, path: path, "cannot be read (\(String(cString: strerror(code))))")
    }
  }
}
