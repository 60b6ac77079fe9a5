import Concurrency
import Synchronization
import Testing

/// What happened, in order.
private final class Lines: Sendable {
  private let kept = Mutex<[String]>([])
  var all: [String] { kept.withLock { $0 } }
  func add(_ line: String) { kept.withLock { $0.append(line) } }
}

@Suite("Turns", .timeLimit(.minutes(60))) struct TurnQueueTests {
  @Test("Each begins when the one before it has ended, however it ended") func order() async throws {
    struct Failure: Error {}
    let (queue, record) = (TurnQueue(), Lines())
    let (opened, begun) = (Signal(), Signal())
    let first = Task {
      try await queue.run {
        begun.raise()
        await opened.wait()
        record.add("first")
        throw Failure()
      }
    }
    await begun.wait()
    let second = Task { await queue.run { record.add("second") } }
    // The second stands in the queue once it had time to; without that the order is the same.
    for _ in 0..<100 { await Task.yield() }
    #expect(record.all.isEmpty)
    opened.raise()
    await #expect(throws: Failure.self) { try await first.value }
    await second.value
    #expect(record.all == ["first", "second"])
  }

  @Test("Two bodies never run at the same time") func exclusive() async {
    let (queue, record) = (TurnQueue(), Lines())
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask {
          await queue.run {
            record.add("in")
            await Task.yield()
            record.add("out")
          }
        }
      }
    }
    #expect(record.all == (0..<200).flatMap { _ in ["in", "out"] })
  }

  @Test("Whoever is cancelled while waiting keeps the place") func cancelled() async {
    let queue = TurnQueue()
    let (opened, begun) = (Signal(), Signal())
    let first = Task {
      await queue.run {
        begun.raise()
        await opened.wait()
      }
    }
    await begun.wait()
    let second = Task { await queue.run { opened.isRaised } }
    second.cancel()
    let third = Task { await queue.run { opened.isRaised } }
    for _ in 0..<100 { await Task.yield() }
    opened.raise()
    await first.value
    #expect(await second.value)
    #expect(await third.value)
  }
}
