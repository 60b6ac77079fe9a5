import Concurrency
import Glibc
import Synchronization

/// Threads for rendering, tokenizing and their like, apart from those that serve streams.
///
/// Work on a long text has lanes of its own and a lower priority, so that it holds back neither short texts nor streams;
/// so has work on a short one that takes longer than a slice, as a template can make it. In each lane clients take turns:
/// work that has had its slice waits while a client with less is waiting, and one client cannot take all places for short
/// texts. Work whose caller is gone is not started, and stops at the end of its slice.
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
        let priority = TextPriority(isLow: isLong)
        return try WorkSlices.withBoundary({
          priority.reconsider()
          return lane.endSlice(of: turn)
        }) { try body() }
      }
    } onCancel: {
      lane.cancel(turn)
    }
  }
}

/// The priority of the calling thread, which ends with its work.
private final class TextPriority: Sendable {
  private let began = ContinuousClock.now
  private let isLow: Atomic<Bool>

  init(isLow: Bool) {
    self.isLow = Atomic(isLow)
    if isLow { Self.lower() }
  }

  /// Lowers it once the work has taken as long as a slice.
  func reconsider() {
    guard !isLow.load(ordering: .relaxed), ContinuousClock.now - began >= Limits.textSlice else { return }
    isLow.store(true, ordering: .relaxed)
    Self.lower()
  }

  private static func lower() {
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Limits.longTextNiceness)
  }
}
