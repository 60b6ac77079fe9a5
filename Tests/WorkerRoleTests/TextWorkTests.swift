import Concurrency
import Glibc
import Testing

@testable import WorkerRole

@Suite("Threads for work on texts") struct TextWorkTests {
  private static let longBytes = Limits.shortTextBytes + 1

  @Test("Short texts are worked on while long ones take all of their lanes") func lanes() async throws {
    let work = TextWork()
    let doors = (0..<Limits.longTextLanes).map { _ in Doorbell() }
    let holding = doors.map { door in
      Task { try await work.run(bytes: Self.longBytes, client: "a") { door.wait() } }
    }
    // None of the long ones can have ended.
    for number in 0..<20 {
      let found = try await work.run(bytes: 10, client: "a") { number }
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
        try await work.run(bytes: Self.longBytes, client: "a") {
          begun.raise()
          door.wait()
        }
      }
    }
    for signal in begun { await signal.wait() }
    let waiting = (0..<8).map { _ in
      Task {
        try await work.run(bytes: Self.longBytes, client: "a") { started.raise() }
      }
    }
    for task in waiting { task.cancel() }
    for task in waiting {
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    for door in doors { door.ring() }
    for task in holding { try await task.value }
    #expect(!started.isRaised)
    let found = try await work.run(bytes: Self.longBytes, client: "a") { 7 }
    #expect(found == 7)
  }

  @Test("Work that runs when its caller goes away stops at the next place where it may") func stopped()
    async throws
  {
    let work = TextWork()
    let (begun, ended) = (Signal(), Signal())
    let task = Task {
      try await work.run(bytes: Self.longBytes, client: "a") {
        begun.raise()
        // Ends only by the cancellation.
        while WorkSlices.boundary?() ?? true { usleep(1_000) }
        ended.raise()
      }
    }
    await begun.wait()
    task.cancel()
    await ended.waitToEnd()
    let found = try await work.run(bytes: Self.longBytes, client: "a") { 7 }
    #expect(found == 7)
  }

  @Test("Work that takes longer than a slice gives way to streams, however short its text") func priority()
    async throws
  {
    let work = TextWork()
    @Sendable func niceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
    let before = try await work.run(bytes: 10, client: "a") { niceness() }
    #expect(before < Limits.longTextNiceness)
    #expect(
      try await work.run(bytes: Self.longBytes, client: "a") { niceness() } == Limits.longTextNiceness)
    let reached = try await work.run(bytes: 10, client: "a") {
      for _ in 0..<60_000 {
        if niceness() == Limits.longTextNiceness { return true }
        usleep(1_000)
        if WorkSlices.boundary?() != true { return false }
      }
      return false
    }
    #expect(reached)
    #expect(try await work.run(bytes: 10, client: "a") { niceness() } == before, "of that thread only")
  }

  @Test("A client whose work takes every long lane does not keep another from a long one") func fairness()
    async throws
  {
    let work = TextWork()
    let begun = (0..<Limits.longTextLanes).map { _ in Signal() }
    let busy = begun.map { begun in
      Task {
        try await work.run(bytes: Self.longBytes, client: "a") {
          begun.raise()
          while WorkSlices.boundary?() ?? true { usleep(1_000) }
        }
      }
    }
    for signal in begun { await signal.wait() }
    // Neither of them ends by itself.
    let found = try await work.run(bytes: Self.longBytes, client: "b") { 7 }
    #expect(found == 7)
    for task in busy { task.cancel() }
    for task in busy { try? await task.value }
  }
}
