import Glibc

/// Memory to lend, with marked bytes on both sides and an unmapped page after them, so that stray writes are found.
final class GuardedMemory {
  private static let mark: UInt8 = 0xA7
  private static let margin = 64

  /// The most bytes that can be lent.
  let capacity: Int
  private let base: UnsafeMutableRawPointer
  private let length: Int
  private let page: Int
  /// The first byte that is lent.
  private(set) var start: UnsafeMutableRawPointer
  private var bytes = 0

  /// Room for `bytes` bytes; nil if there is not enough memory.
  init?(bytes: Int) {
    page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let needed = bytes.addingReportingOverflow(2 * Self.margin + 2 * page)
    guard !needed.overflow, page > 0 else { return nil }
    length = needed.partialValue / page * page
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let base = mmap(nil, length + page, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED else {
      return nil
    }
    self.base = base
    capacity = bytes
    start = base
    mprotect(base + length, page, PROT_NONE)
  }

  deinit { munmap(base, length + page) }

  /// Places `bytes` bytes as close to the unmapped page as alignment allows, and marks what is around them.
  ///
  /// - Parameter isAtEnd: Whether they end where the unmapped page begins, so that reading on ends the process. They are
  ///   aligned as far as their number allows.
  func begin(bytes: Int, isAtEnd: Bool = false) {
    let offset = isAtEnd ? length - bytes : (length - Self.margin - bytes) & ~15
    start = base + offset
    self.bytes = bytes
    memset(start - Self.margin, Int32(Self.mark), Self.margin)
    memset(start + bytes, Int32(Self.mark), length - offset - bytes)
  }

  /// Whether the marked bytes are unchanged.
  var isIntact: Bool {
    let before = UnsafeRawBufferPointer(start: start - Self.margin, count: Self.margin)
    let end = base + length
    let behind = UnsafeRawBufferPointer(start: start + bytes, count: end - (start + bytes))
    return before.allSatisfy { $0 == Self.mark } && behind.allSatisfy { $0 == Self.mark }
  }
}
