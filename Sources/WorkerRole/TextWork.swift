import Concurrency
import Glibc
import Synchronization

/// Threads for rendering, tokenizing and their like, apart from those that serve streams.
///
/// Work on a long text has lanes of its own and a lower priority, so that it holds back neither short texts nor streams;
/// in each lane work starts in the order of its arrival. Work whose caller is gone is not started.
struct TextWork: Sendable {
  private let short = Lane(width: Limits.shortTextLanes)
  private let long = Lane(width: Limits.longTextLanes)

  /// Runs `body`, which works on about `bytes` of text, and returns its result.
  func run<Value: Sendable>(bytes: Int, _ body: @escaping @Sendable () throws -> Value) async throws -> Value
  {
    let isLong = bytes > Limits.shortTextBytes
    let lane = isLong ? long : short
    try await lane.enter()
    defer { lane.leave() }
    return try await OwnThread.run(name: "text") {
      // Of the calling thread only, which ends with the work.
      if isLong { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Limits.longTextNiceness) }
      return try body()
    }
  }
}

/// A number of places for work, taken in order of arrival.
final class Lane: Sendable {
  private struct State {
    var free: Int
    var waiting: [OneShot<Void>] = []
  }

  private let state: Mutex<State>

  /// A lane with `width` places.
  init(width: Int) {
    state = Mutex(State(free: width))
  }

  /// How many tasks wait for a place.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Takes a place, when there is one.
  ///
  /// - Throws: `CancellationError` if the waiting task is cancelled before that.
  func enter() async throws {
    try Task.checkCancellation()
    let turn = state.withLock { state -> OneShot<Void>? in
      guard state.free == 0 else {
        state.free -= 1
        return nil
      }
      let turn = OneShot<Void>()
      state.waiting.append(turn)
      return turn
    }
    guard let turn, await turn.wait() == nil else { return }
    let gotPlace = state.withLock { state in
      guard let index = state.waiting.firstIndex(where: { $0 === turn }) else { return true }
      state.waiting.remove(at: index)
      return false
    }
    if gotPlace { leave() }
    throw CancellationError()
  }

  /// Gives the place to whoever has waited longest.
  func leave() {
    let next = state.withLock { state -> OneShot<Void>? in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resolve(())
  }
}
