import Concurrency
import Synchronization
import Testing

@testable import WorkerRole

@Suite("Places for work on texts that clients share") struct LaneTests {
  private final class Order: Sendable {
    let names = Mutex<[String]>([])
    func add(_ name: String) { names.withLock { $0.append(name) } }
  }

  private final class Places: Sendable {
    let taken = Atomic(0)
    let most = Atomic(0)
  }

  /// Lets tasks of these clients wait for a lane without a free place, one after the other.
  private func queue(
    _ clients: [String], in lane: Lane, _ body: @escaping @Sendable (String, Lane.Turn) -> Void
  ) async -> [Task<Void, any Error>] {
    var tasks: [Task<Void, any Error>] = []
    for client in clients {
      let before = lane.waitingCount
      tasks.append(
        Task {
          let turn = try await lane.enter(client)
          // On a thread of its own, because it may wait.
          try await OwnThread.run { body(client, turn) }
          lane.leave(turn)
        })
      while lane.waitingCount == before { await Task.yield() }
    }
    return tasks
  }

  @Test("One client's work starts in the order of its arrival") func order() async throws {
    let lane = Lane(width: 1)
    let first = try await lane.enter("a")
    let order = Order()
    var tasks: [Task<Void, any Error>] = []
    for number in 0..<5 {
      tasks += await queue(["a"], in: lane) { _, _ in order.add("\(number)") }
    }
    lane.leave(first)
    for task in tasks { try await task.value }
    #expect(order.names.withLock { $0 } == ["0", "1", "2", "3", "4"])
  }

  @Test("Clients take turns, however much one of them has waiting") func turns() async throws {
    let lane = Lane(width: 1)
    let first = try await lane.enter("a")
    let order = Order()
    let tasks = await queue(["a", "a", "a", "a", "b", "b", "c"], in: lane) { client, _ in order.add(client) }
    lane.leave(first)
    for task in tasks { try await task.value }
    #expect(order.names.withLock { $0 } == ["b", "c", "a", "b", "a", "a", "a"])
  }

  @Test("One client cannot have more places than it may") func mostPlaces() async throws {
    let lane = Lane(width: 3, perClient: 2)
    let first = try await lane.enter("a")
    let second = try await lane.enter("a")
    let order = Order()
    let waiting = await queue(["a"], in: lane) { client, _ in order.add(client) }
    // There is a place for anybody else.
    lane.leave(try await lane.enter("b"))
    #expect(lane.waitingCount == 1 && order.names.withLock { $0.isEmpty })
    lane.leave(first)
    for task in waiting { try await task.value }
    lane.leave(second)
  }

  @Test("Work that has had its slice waits for a client with less, and goes on") func slices() async throws {
    let lane = Lane(width: 1, slice: .zero)
    let order = Order()
    let (begun, waits) = (Signal(), Doorbell())
    let long = Task {
      let turn = try await lane.enter("a")
      defer { lane.leave(turn) }
      return try await OwnThread.run {
        order.add("a begins")
        begun.raise()
        waits.wait()
        let goesOn = lane.endSlice(of: turn)
        order.add("a goes on")
        return goesOn
      }
    }
    await begun.wait()
    let short = await queue(["b"], in: lane) { _, _ in order.add("b") }
    // Its own client's work has no claim to the place.
    let own = await queue(["a"], in: lane) { _, _ in order.add("a again") }
    waits.ring()
    #expect(try await long.value)
    for task in short + own { try await task.value }
    #expect(order.names.withLock { $0 } == ["a begins", "b", "a goes on", "a again"])
  }

  @Test("A slice that has not ended, or that nobody waits for, goes on at once") func noNeed() async throws {
    let patient = Lane(width: 1, slice: .seconds(3600))
    let turn = try await patient.enter("a")
    let tasks = await queue(["b"], in: patient) { _, _ in }
    #expect(patient.endSlice(of: turn) && patient.waitingCount == 1)
    patient.leave(turn)
    for task in tasks { try await task.value }
    let alone = Lane(width: 1, slice: .zero)
    let only = try await alone.enter("a")
    #expect(alone.endSlice(of: only))
    alone.leave(only)
  }

  @Test("Cancelled work stops where its slice may end, in its place or while others have theirs")
  func cancelled() async throws {
    let lane = Lane(width: 1, slice: .zero)
    let turn = try await lane.enter("a")
    lane.cancel(turn)
    #expect(!lane.endSlice(of: turn))
    lane.leave(turn)

    let second = try await lane.enter("a")
    let (begun, door) = (Signal(), Doorbell())
    let others = await queue(["b"], in: lane) { _, _ in
      begun.raise()
      door.wait()
    }
    let work = Task { try await OwnThread.run { lane.endSlice(of: second) } }
    await begun.wait()
    lane.cancel(second)
    #expect(try await work.value == false)
    lane.leave(second)
    door.ring()
    for task in others { try await task.value }
    // Every place is free again.
    lane.leave(try await lane.enter("c"))
  }

  @Test("Many clients with many pieces of work each all come to an end, and places are never too many")
  func stress() async throws {
    let width = 3
    let lane = Lane(width: width, perClient: 2, slice: .zero)
    let places = Places()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<120 {
        group.addTask {
          let turn = try await lane.enter("client \(number % 7)")
          defer { lane.leave(turn) }
          try await OwnThread.run {
            for _ in 0..<20 {
              places.most.max(places.taken.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
              places.taken.subtract(1, ordering: .relaxed)
              _ = lane.endSlice(of: turn)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(places.most.load(ordering: .relaxed) <= width && lane.waitingCount == 0)
  }
}
