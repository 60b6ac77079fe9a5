import Glibc
import Synchronization

/// A regular file mapped into memory for reading, for as long as this object lives.
///
/// A mapping shows the present content of the file: when the file shrinks in place, touching the pages that are gone
/// raises SIGBUS. `stillIntact()` detects that only afterwards; surviving it takes a separate process.
///
/// `@unchecked Sendable` holds because the pointer never changes and the pages are mapped read-only.
public final class MappedFile: @unchecked Sendable {
  /// The path that was opened.
  public let path: String
  /// The size when it was opened, in bytes.
  public let byteCount: Int

  private let base: UnsafeMutableRawPointer?
  private let descriptor: CInt
  /// What it was when it was opened.
  let opened: FileIdentity
  /// What it was at the last look.
  private let latest: Mutex<FileIdentity>

  /// Opens and maps `path`; anything but a regular file is refused before a byte is read.
  public init(path: String) throws(ModelFormatError) {
    guard !path.utf8.contains(0) else {
      throw ModelFormatError(.notFound, path: path, "the path contains a NUL byte")
    }
    // Checked before opening, since opening a device can have side effects.
    var status = stat()
    guard stat(path, &status) == 0 else { throw Self.failure(errno, path) }
    try Self.requireRegular(status, path)
    let descriptor = FileOpening.open(path)
    guard descriptor >= 0 else { throw Self.failure(errno, path) }
    var keep = false
    defer { if !keep { close(descriptor) } }
    // Checked again, since the path may name another file by now.
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(errno, path) }
    try Self.requireRegular(status, path)
    guard let size = Int(exactly: status.st_size), size >= 0 else {
      throw ModelFormatError(.tooLarge, path: path, "its size, \(status.st_size) bytes, is out of range")
    }
    var base: UnsafeMutableRawPointer?
    if size > 0 {
      base = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0)
      if base == MAP_FAILED { throw Self.failure(errno, path) }
      guard Headroom.isLeft else {
        munmap(base, size)
        throw Self.failure(ENOMEM, path)
      }
    }
    self.path = path
    self.byteCount = size
    self.base = base
    self.descriptor = descriptor
    opened = FileIdentity(status)
    latest = Mutex(opened)
    keep = true
  }

  deinit {
    if let base { munmap(base, byteCount) }
    close(descriptor)
  }

  /// Calls `body` with the bytes of the file, which are valid only during the call.
  public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: byteCount))
  }

  /// False if the file behind the mapping was cut, grown or written to since it was opened.
  ///
  /// Renaming another file over the path leaves the mapping alone, and so gives true.
  public func stillIntact() -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    let now = FileIdentity(status)
    return latest.withLock { latest in
      guard now.hasSameContent(as: latest) else { return false }
      latest = now
      return true
    }
  }

  /// True if the path now names another file, or none.
  public func isReplaced() -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return true }
    return !FileIdentity(status).isSameFile(as: opened)
  }

  /// Lets the system drop the pages that lie wholly inside `range`; reading them again reloads them.
  public func adviseDontNeed(_ range: Range<Int>) {
    guard let base, let page = Int(exactly: sysconf(CInt(_SC_PAGESIZE))), page > 0 else { return }
    let range = range.clamped(to: 0..<byteCount)
    let (rounded, overflow) = range.lowerBound.addingReportingOverflow(page - 1)
    guard !overflow else { return }
    let start = rounded / page * page
    // The last page of the file is shared with nothing behind it.
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
    throw ModelFormatError(
      .notARegularFile, path: path, "this is \(kind)", expected: "give the path of a model file")
  }

  private static func failure(_ code: CInt, _ path: String) -> ModelFormatError {
    switch code {
    case ENOENT, ENOTDIR:
      ModelFormatError(.notFound, path: path, "no such file")
    case ELOOP:
      ModelFormatError(.notReadable, path: path, "the path leads through a symbolic link")
    case ENAMETOOLONG:
      ModelFormatError(.notFound, path: path, "the path is too long")
    case ENOMEM, EOVERFLOW:
      ModelFormatError(
        .tooLarge, path: path,
        "the file is too large to map into memory (\(String(cString: strerror(code))))",
        expected: "free memory, or raise the limit of address space (ulimit -v)")
    default:
      ModelFormatError(
        .notReadable, path: path, "the file cannot be read (\(String(cString: strerror(code))))")
    }
  }
}
