import Concurrency
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import DaemonRole

@Suite("The daemon's parts, started in order and ended in the reverse one") struct DaemonPartTests {
  private let journal = Journal()

  private func group(_ parts: [RecordedPart]) -> ServiceGroup {
    ServiceGroup(
      configuration: .init(
        services: OrderedService.inOrder(parts).map {
          .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
        },
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
  }

  @Test("Each part starts when the one before it is ready, and ends before it does") func order() async throws
  {
    let last = Signal()
    let parts =
      ["a", "b", "c"].map { RecordedPart(name: $0, journal: journal) }
      + [RecordedPart(name: "d", journal: journal) { last.raise() }]
    let group = group(parts)
    async let run: Void = group.run()
    await last.wait()
    await group.triggerGracefulShutdown()
    try await run
    #expect(
      journal.entries == ["start a", "start b", "start c", "start d", "stop d", "stop c", "stop b", "stop a"])
  }

  @Test(
    "A part that cannot start ends the ones before it, and its error is thrown; those after it never start")
  func failedStart() async {
    let parts = [
      RecordedPart(name: "a", journal: journal),
      RecordedPart(name: "b", journal: journal) { throw Broken() },
      RecordedPart(name: "c", journal: journal),
    ]
    await #expect(throws: Broken.self) { try await group(parts).run() }
    let entries = journal.entries
    #expect(!entries.contains("start c"))
    #expect(Set(entries).isSuperset(of: ["start a", "start b", "stop a", "stop b"]))
    #expect(entries.firstIndex(of: "stop b") ?? 9 < entries.firstIndex(of: "stop a") ?? 0, "\(entries)")
  }

  @Test("A shutdown during a start cancels the start and is no failure") func shutdownWhileStarting()
    async throws
  {
    let reached = Signal()
    let parts = [
      RecordedPart(name: "a", journal: journal),
      RecordedPart(name: "b", journal: journal) {
        reached.raise()
        try await Task.sleep(for: .seconds(3600))
      },
      RecordedPart(name: "c", journal: journal),
    ]
    let group = group(parts)
    async let run: Void = group.run()
    await reached.wait()
    await group.triggerGracefulShutdown()
    try await run
    let entries = journal.entries
    #expect(
      !entries.contains("start c") && entries.contains("stop b") && entries.last == "stop a", "\(entries)")
  }
}

private struct Broken: Error {}

/// What happened, in order.
private final class Journal: Sendable {
  private let lines = Mutex<[String]>([])
  var entries: [String] { lines.withLock { $0 } }
  func note(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct RecordedPart: DaemonPart {
  let name: String
  let journal: Journal
  let onStart: @Sendable () async throws -> Void

  init(name: String, journal: Journal, onStart: @escaping @Sendable () async throws -> Void = {}) {
    self.name = name
    self.journal = journal
    self.onStart = onStart
  }

  func start() async throws {
    journal.note("start \(name)")
    try await onStart()
  }
  func stop() async { journal.note("stop \(name)") }
}
