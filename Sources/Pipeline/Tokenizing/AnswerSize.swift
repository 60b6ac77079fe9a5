import Concurrency
import Runtime

/// Counts the bytes of an answer about a text while it is made, and lets others have their turn.
struct AnswerSize {
  private let boundary = WorkSlices.boundary
  private let name: String
  private let limit: Int
  private var bytes = 0
  private var mark = PipelineLimits.sliceBytes

  /// An empty answer of at most `limit` bytes, which is `name` in `PipelineLimits`.
  init(_ name: String, limit: Int) {
    self.name = name
    self.limit = limit
  }

  /// Adds `count` bytes.
  ///
  /// - Throws: `WorkbenchError`: `outOfRange` beyond the limit, `cancelled` when the caller is gone.
  mutating func add(_ count: Int) throws {
    bytes += count
    guard bytes > mark else { return }
    mark = min(limit, bytes + PipelineLimits.sliceBytes)
    if let boundary, !boundary() { throw WorkbenchError(.cancelled, "the caller went away") }
    guard bytes <= limit else {
      throw WorkbenchError(
        .outOfRange, "the answer would have more than \(limit >> 20) MiB (\(name)); send less at a time")
    }
  }
}
