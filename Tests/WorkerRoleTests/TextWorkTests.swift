import Concurrency
import Synchronization
import Testing

@testable import WorkerRole

@Suite("Threads for work on texts") struct TextWorkTests {
  private final class Order: Sendable {
    let numbers = Mutex<[Int]>([])
  }

  private static let longBytes = Limits.shortTextBytes + 1

  @Test("Short texts are worked on while long ones take all of their lanes") func lanes() async throws {
    let work = TextWork()
    let doors = (0..<Limits.longTextLanes).map { _ in Doorbell() }
    let holding = doors.map { door in
      Task { try await work.run(bytes: Self.longBytes) { door.wait() } }
    }
    // None of the long ones can have ended.
    for number in 0..<20 {
      let found = try await work.run(bytes: 10) { number }
      #expect(found == number)
    }
    for door in doors { door.ring() }
    for task in holding { try await task.value }
  }

  @Test("Work whose caller is gone is not started, and gives its place to the next") func cancelled()
    async throws
  {
    let work = TextWork()
    let doors = (0..<Limits.longTextLanes).map { _ in Doorbell() }
    let (begun, started) = (doors.map { _ in Signal() }, Signal())
    let holding = zip(doors, begun).map { door, begun in
      Task {
        try await work.run(bytes: Self.longBytes) {
          begun.raise()
          door.wait()
        }
      }
    }
    for signal in begun { await signal.wait() }
    let waiting = (0..<8).map { _ in
      Task {
        try await work.run(bytes: Self.longBytes) { started.raise() }
      }
    }
    for task in waiting { task.cancel() }
    for task in waiting {
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    for door in doors { door.ring() }
    for task in holding { try await task.value }
    #expect(!started.isRaised)
    let found = try await work.run(bytes: Self.longBytes) { 7 }
    #expect(found == 7)
  }

  @Test("A lane is left in the order of arrival") func order() async throws {
    let lane = Lane(width: 1)
    try await lane.enter()
    let order = Order()
    var tasks: [Task<Void, any Error>] = []
    for number in 0..<5 {
      let isWaiting = lane.waitingCount
      tasks.append(
        Task {
          try await lane.enter()
          order.numbers.withLock { $0.append(number) }
          lane.leave()
        })
      while lane.waitingCount == isWaiting { await Task.yield() }
    }
    lane.leave()
    for task in tasks { try await task.value }
    #expect(order.numbers.withLock { $0 } == [0, 1, 2, 3, 4])
  }
}
