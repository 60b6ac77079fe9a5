import Glibc
import Synchronization

/// Room for candidates with marked memory on both sides of each array and an unmapped page behind it.
///
/// Guarding a call costs a copy of every candidate, so a stage lends these in its first calls and in some later ones, and
/// the chain's own arrays in all others.
///
/// `@unchecked Sendable`: the code that took one from the pool is the only user until it gives it back.
final class GuardedCandidates: @unchecked Sendable {
  private static let pool = Mutex<[GuardedCandidates]>([])
  private static let poolSize = 8

  private let first: GuardedMemory
  private let second: GuardedMemory

  private init?(count: Int) {
    let bytes = count.multipliedReportingOverflow(by: 4)
    guard !bytes.overflow, let first = GuardedMemory(bytes: bytes.partialValue),
      let second = GuardedMemory(bytes: bytes.partialValue)
    else { return nil }
    self.first = first
    self.second = second
  }

  /// One with room for `count` candidates; nil if there is not enough memory.
  ///
  /// - Parameter isAtEnd: Whether both arrays end at an unmapped page.
  static func take(count: Int, isAtEnd: Bool = false) -> GuardedCandidates? {
    let found = pool.withLock { pool in
      pool.lastIndex { $0.first.capacity >= count * 4 }.map { pool.remove(at: $0) }
    }
    guard let area = found ?? GuardedCandidates(count: count) else { return nil }
    area.first.begin(bytes: count * 4, isAtEnd: isAtEnd)
    area.second.begin(bytes: count * 4, isAtEnd: isAtEnd)
    return area
  }

  /// Puts one back into the pool.
  static func give(_ area: GuardedCandidates) {
    pool.withLock { if $0.count < poolSize { $0.append(area) } }
  }

  /// The lent ids.
  var ids: UnsafeMutablePointer<Int32> { first.start.assumingMemoryBound(to: Int32.self) }
  /// The lent logits.
  var logits: UnsafeMutablePointer<Float> { second.start.assumingMemoryBound(to: Float.self) }

  /// Whether the memory around both arrays is unchanged.
  var isIntact: Bool { first.isIntact && second.isIntact }

  /// Copies candidates in, from the arrays of a chain.
  func fill(_ ids: UnsafeMutableBufferPointer<Int32>, _ logits: UnsafeMutableBufferPointer<Float>) {
    guard let fromIDs = ids.baseAddress, let fromLogits = logits.baseAddress else { return }
    memcpy(first.start, fromIDs, ids.count * 4)
    memcpy(second.start, fromLogits, logits.count * 4)
  }

  /// Copies candidates in.
  func fill(_ ids: [Int32], _ logits: [Float]) {
    _ = ids.withUnsafeBytes { memcpy(first.start, $0.baseAddress ?? UnsafeRawPointer(first.start), $0.count) }
    _ = logits.withUnsafeBytes {
      memcpy(second.start, $0.baseAddress ?? UnsafeRawPointer(second.start), $0.count)
    }
  }

  /// Copies the first `count` candidates out.
  func copy(
    _ count: Int, to ids: UnsafeMutableBufferPointer<Int32>, _ logits: UnsafeMutableBufferPointer<Float>
  ) {
    guard let toIDs = ids.baseAddress, let toLogits = logits.baseAddress, count <= ids.count else { return }
    memcpy(toIDs, first.start, count * 4)
    memcpy(toLogits, second.start, count * 4)
  }
}
