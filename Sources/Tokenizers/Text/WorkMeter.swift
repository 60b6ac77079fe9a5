import Concurrency

/// Counts the work on one text, and lets others have their turn after each part of it.
final class WorkMeter {
  private let boundary = WorkSlices.boundary
  private var left = Limits.sliceBytes

  /// Counts `bytes` of work.
  ///
  /// - Throws: `stopped` when nobody wants the result any more.
  @inline(__always)
  func spend(_ bytes: Int) throws(TokenizerError) {
    left -= bytes
    if left < 0 { try endPart() }
  }

  @inline(never)
  private func endPart() throws(TokenizerError) {
    left = Limits.sliceBytes
    guard let boundary, !boundary() else { return }
    throw .stopped
  }
}
