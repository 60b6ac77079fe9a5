import Glibc

/// Which file it is and when it was last changed: what shows, without reading it, that its content is the same.
struct FileIdentity {
  private var device: Int64
  private var inode: Int64
  private var size: Int64
  /// Seconds and nanoseconds of the last change of the content; a program may set them to anything.
  private var modified: [Int64]
  /// Seconds and nanoseconds of the last change of the content or of the facts below; nobody can set them.
  private var changed: [Int64]
  /// Mode, owner, group and number of names.
  private var facts: [Int64]

  init(_ status: stat) {
    device = Int64(truncatingIfNeeded: status.st_dev)
    inode = Int64(truncatingIfNeeded: status.st_ino)
    size = Int64(status.st_size)
    modified = [Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec)]
    changed = [Int64(status.st_ctim.tv_sec), Int64(status.st_ctim.tv_nsec)]
    facts = [
      Int64(status.st_mode), Int64(status.st_uid), Int64(status.st_gid),
      Int64(truncatingIfNeeded: status.st_nlink),
    ]
  }

  /// Reads `text`; nil when it was not written here.
  init?(text: some StringProtocol) {
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
    guard numbers.count == 11 else { return nil }
    let known = numbers.compactMap { $0 }
    guard known.count == 11 else { return nil }
    (device, inode, size) = (known[0], known[1], known[2])
    (modified, changed, facts) = (Array(known[3..<5]), Array(known[5..<7]), Array(known[7...]))
  }

  /// The identity in one word.
  var text: String {
    ([device, inode, size] + modified + changed + facts).map(String.init).joined(separator: ":")
  }

  /// Whether it is the same file.
  func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }

  /// Whether the content cannot have changed between the two.
  ///
  /// A change of only the times that nobody can set is a change of the content by somebody who has put the other times
  /// back, unless a fact has changed that explains it, such as another name for the file or one less.
  func hasSameContent(as other: FileIdentity) -> Bool {
    isSameFile(as: other) && size == other.size && modified == other.modified
      && (changed == other.changed || facts != other.facts)
  }
}
