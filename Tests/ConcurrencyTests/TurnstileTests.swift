import Concurrency
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TurnstileTests {
  @Test("One task is inside at a time")
  func exclusion() async {
    let turnstile = Turnstile()
    let room = Room()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<32 {
        group.addTask {
          for _ in 0..<50 {
            await turnstile.enter()
            room.enter()
            await Task.yield()
            room.leave()
            turnstile.leave()
          }
        }
      }
    }
    #expect(room.most == 1)
    #expect(room.visits == 1600)
    #expect(turnstile.tryEnter())
  }

  @Test("Tasks pass in order of arrival")
  func order() async {
    let turnstile = Turnstile()
    let passed = Record<Int>()
    await turnstile.enter()
    #expect(!turnstile.tryEnter(), "the turn is taken")
    // An actor runs each task up to its first suspension, so they arrive one after the other.
    let tasks = await arrivals(10, at: turnstile, passed)
    turnstile.leave()
    for task in tasks { await task.value }
    #expect(passed.all == Array(0..<10))
  }

  @MainActor
  private func arrivals(_ count: Int, at turnstile: Turnstile, _ passed: Record<Int>) async -> [Task<
    Void, Never
  >] {
    let arrived = Record<Int>()
    var tasks: [Task<Void, Never>] = []
    for index in 0..<count {
      tasks.append(
        Task { @MainActor in
          arrived.add(index)
          await turnstile.enter()
          passed.add(index)
          turnstile.leave()
        })
      while arrived.all.count <= index { await Task.yield() }
    }
    return tasks
  }

  @Test("A cancelled task still gets its turn, so that every enter has a leave")
  func cancellation() async {
    let turnstile = Turnstile()
    await turnstile.enter()
    let waiting = Task {
      await turnstile.enter()
      defer { turnstile.leave() }
      return Task.isCancelled
    }
    waiting.cancel()
    turnstile.leave()
    #expect(await waiting.value)
    #expect(turnstile.tryEnter())
  }
}

/// Counts who is inside at once.
private final class Room: Sendable {
  private let state = Mutex((inside: 0, most: 0, visits: 0))

  var most: Int { state.withLock { $0.most } }
  var visits: Int { state.withLock { $0.visits } }

  func enter() {
    state.withLock { state in
      state.inside += 1
      state.visits += 1
      state.most = max(state.most, state.inside)
    }
  }

  func leave() { state.withLock { $0.inside -= 1 } }
}
