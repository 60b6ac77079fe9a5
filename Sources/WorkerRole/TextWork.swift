import Concurrency
import Glibc

/// Threads for rendering, tokenizing and their like, apart from those that serve streams.
///
/// Work on a long text has lanes of its own and a lower priority, so that it holds back neither short texts nor streams.
/// In each lane clients take turns: work that has had its slice waits while a client with less is waiting, and one client
/// cannot take all places for short texts. Work whose caller is gone is not started, and stops at the end of its slice.
struct TextWork: Sendable {
  private let short = Lane(width: Limits.shortTextLanes, perClient: Limits.shortTextLanes - 1)
  private let long = Lane(width: Limits.longTextLanes)

  /// Runs `body`, which works on about `bytes` of text for `client`, and returns its result.
  func run<Value: Sendable>(
    bytes: Int, client: String, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let isLong = bytes > Limits.shortTextBytes
    let lane = isLong ? long : short
    let turn = try await lane.enter(client)
    defer { lane.leave(turn) }
    return try await withTaskCancellationHandler {
      try await OwnThread.run(name: "text") {
        // Of the calling thread only, which ends with the work.
        if isLong { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Limits.longTextNiceness) }
        return try WorkSlices.withBoundary({ lane.endSlice(of: turn) }) { try body() }
      }
    } onCancel: {
      lane.cancel(turn)
    }
  }
}
