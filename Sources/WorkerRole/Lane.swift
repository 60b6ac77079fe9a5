import Concurrency
import Synchronization

/// A number of places for work, which clients share.
///
/// A free place goes to the waiting client with the fewest places; of several to the one that got its last one first.
final class Lane: Sendable {
  /// A piece of work that has a place, or waits for one.
  final class Turn: Sendable {
    fileprivate let client: String
    /// Resolved when it first gets a place.
    fileprivate let begin = OneShot<Void>()
    /// Rings when it gets a place again after a slice, or is cancelled.
    fileprivate let bell = Doorbell()
    fileprivate let isCancelled = Atomic(false)
    /// When its slice began.
    fileprivate let sliceBegan = Mutex(ContinuousClock.now)

    fileprivate init(_ client: String) {
      self.client = client
    }
  }

  private struct State {
    var free: Int
    /// The places of each client that has some.
    var running: [String: Int] = [:]
    /// In order of arrival; work that waits between two slices is in front.
    var waiting: [Turn] = []
    /// For each client in the lane the number of places that had been given when it got its last one.
    var served: [String: Int] = [:]
    var given = 0
  }

  private let state: Mutex<State>
  private let perClient: Int
  private let slice: Duration

  /// A lane with `width` places, of which one client has at most `perClient`, nil for all; work keeps its place for `slice`
  /// if others are waiting.
  init(width: Int, perClient: Int? = nil, slice: Duration = Limits.textSlice) {
    state = Mutex(State(free: width))
    self.perClient = perClient ?? width
    self.slice = slice
  }

  /// How much work waits for a place.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Takes a place for `client`, when there is one.
  ///
  /// - Throws: `CancellationError` if the waiting task is cancelled before that.
  func enter(_ client: String) async throws -> Turn {
    try Task.checkCancellation()
    let turn = Turn(client)
    state.withLock { $0.waiting.append(turn) }
    giveOut()
    guard await turn.begin.wait() == nil else { return turn }
    leave(turn)
    throw CancellationError()
  }

  /// Ends `turn`, whether it has a place or waits for one.
  func leave(_ turn: Turn) {
    state.withLock { state in
      if let index = state.waiting.firstIndex(where: { $0 === turn }) {
        state.waiting.remove(at: index)
      } else {
        Self.free(turn, &state)
      }
      if state.running[turn.client] == nil, !state.waiting.contains(where: { $0.client == turn.client }) {
        state.served[turn.client] = nil
      }
    }
    giveOut()
  }

  /// Ends the work where its slice may end.
  func cancel(_ turn: Turn) {
    turn.isCancelled.store(true, ordering: .relaxed)
    turn.bell.ring()
  }

  /// Called by the working thread where a slice may end: if it has, waits while clients with fewer places have theirs.
  ///
  /// False when the work was cancelled.
  func endSlice(of turn: Turn) -> Bool {
    if turn.isCancelled.load(ordering: .relaxed) { return false }
    guard turn.sliceBegan.withLock({ ContinuousClock.now - $0 >= slice }) else { return true }
    let givesWay = state.withLock { state in
      guard let index = Self.next(state, perClient),
        state.running[state.waiting[index].client, default: 0] < state.running[turn.client, default: 0]
      else { return false }
      Self.free(turn, &state)
      state.waiting.insert(turn, at: 0)
      return true
    }
    if givesWay {
      giveOut()
      while !turn.isCancelled.load(ordering: .relaxed), isWaiting(turn) { turn.bell.wait() }
    }
    turn.sliceBegan.withLock { $0 = .now }
    return !turn.isCancelled.load(ordering: .relaxed)
  }

  private func isWaiting(_ turn: Turn) -> Bool {
    state.withLock { $0.waiting.contains { $0 === turn } }
  }

  private static func free(_ turn: Turn, _ state: inout State) {
    let left = state.running[turn.client, default: 1] - 1
    state.running[turn.client] = left > 0 ? left : nil
    state.free += 1
  }

  /// Where the work that is next waits; nil if nobody may have a place.
  private static func next(_ state: State, _ perClient: Int) -> Int? {
    var best: (index: Int, places: Int, served: Int)?
    for (index, turn) in state.waiting.enumerated() {
      let places = state.running[turn.client, default: 0]
      let served = state.served[turn.client, default: -1]
      guard places < perClient else { continue }
      if let best, (best.places, best.served) <= (places, served) { continue }
      best = (index, places, served)
    }
    return best?.index
  }

  /// Gives the free places to those who are next.
  private func giveOut() {
    let next = state.withLock { state in
      var next: [Turn] = []
      while state.free > 0, let index = Self.next(state, perClient) {
        let turn = state.waiting.remove(at: index)
        state.free -= 1
        state.running[turn.client, default: 0] += 1
        state.served[turn.client] = state.given
        state.given += 1
        next.append(turn)
      }
      return next
    }
    for turn in next {
      turn.begin.resolve(())
      turn.bell.ring()
    }
  }
}
