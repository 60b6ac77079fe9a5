import Glibc
import ModelFormats

/// Zeroed, page-aligned memory that is backed only where it has been written, and can be released by range.
///
/// `@unchecked Sendable`: the region itself never changes; its users coordinate who writes where.
final class MemoryRegion: @unchecked Sendable {
  /// The first byte.
  let base: UnsafeMutableRawPointer
  /// Usable bytes.
  let byteCount: Int

  /// Reserves `byteCount` bytes of address space.
  ///
  /// - Parameter hugePages: Asks for 2 MiB pages, which suits what is written once and read often.
  /// - Throws: `InferenceError.memory` when the system refuses, or would have nothing left for small allocations.
  init(byteCount: Int, purpose: String, hugePages: Bool = false) throws(InferenceError) {
    self.byteCount = byteCount
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let address = mmap(nil, max(byteCount, 1), PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let address, address != MAP_FAILED else {
      throw .memory(purpose: purpose, bytes: byteCount, limit: nil)
    }
    guard Headroom.isLeft else {
      munmap(address, max(byteCount, 1))
      throw .memory(purpose: purpose, bytes: byteCount, limit: nil)
    }
    base = address
    if hugePages { madvise(base, byteCount, Int32(MADV_HUGEPAGE)) }
  }

  /// Releases the memory behind a range of bytes; it reads as zero afterwards.
  ///
  /// Both ends must be multiples of the system page size.
  func discard(offset: Int, byteCount: Int) {
    madvise(base + offset, byteCount, Int32(MADV_DONTNEED))
  }

  deinit { munmap(base, max(byteCount, 1)) }
}

/// Hands out consecutive aligned pieces of a region; with no region it only counts, for estimates.
struct Arena {
  /// Bytes handed out so far.
  private(set) var used = 0
  /// Whether any size did not fit an `Int`.
  private(set) var overflowed = false
  private let base: UnsafeMutableRawPointer?

  /// Whether the pointers that it hands out may be used.
  var isBacked: Bool { base != nil }

  /// Without a base it only counts.
  init(base: UnsafeMutableRawPointer? = nil) {
    self.base = base
  }

  /// The next `count` values, on a cache line of their own.
  ///
  /// In a counting arena the pointer must not be used.
  mutating func take<Value: BitwiseCopyable>(_ type: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value>
  {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    return takeBytes(overflow ? Int.max : bytes).assumingMemoryBound(to: type)
  }

  /// The next `byteCount` bytes, on a cache line of their own.
  mutating func takeBytes(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let start = used
    let (rounded, first) = byteCount.addingReportingOverflow(63)
    let (end, second) = start.addingReportingOverflow(first ? 0 : rounded & ~63)
    if first || second { overflowed = true } else { used = end }
    return (base ?? Arena.placeholder) + (base == nil ? 0 : start)
  }

  /// What a counting arena hands out: an address that is aligned and never used.
  nonisolated(unsafe) private static let placeholder = UnsafeMutableRawPointer.allocate(
    byteCount: 64, alignment: 64)
}

/// The size of a system page.
let systemPageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

/// `byteCount` rounded up to whole system pages; nil when that does not fit an `Int`.
func wholeSystemPages(_ byteCount: Int) -> Int? {
  let (sum, overflow) = byteCount.addingReportingOverflow(systemPageSize - 1)
  return overflow ? nil : sum / systemPageSize * systemPageSize
}
