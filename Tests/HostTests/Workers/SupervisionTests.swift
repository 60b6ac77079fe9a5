import Concurrency
import RoleTestSupport
import Runtime
import Testing

@testable import Host

@Suite("A worker that is started when it is needed and replaced when it died") struct SupervisionTests {
  private let launcher: FakeLauncher
  private let worker: SupervisedWorker<Int>

  init() {
    self.init(FakeLauncher())
  }

  private init(_ launcher: FakeLauncher) {
    self.launcher = launcher
    let pool = WorkerPool(launcher: launcher, plugins: PluginRoster(log: silent))
    worker = SupervisedWorker(model: "m", pool: pool, log: silent)
  }

  /// Waits until the supervisor has seen that the worker ended.
  private func settled() async -> Bool {
    await eventually {
      if case .idle = await worker.state { true } else { false }
    }
  }

  @Test("Nothing runs until somebody asks, and then one worker serves everybody") func onDemand() async throws
  {
    #expect(launcher.count == 0)
    let first = try await worker.running { _ in 7 }
    let second = try await worker.running { _ in 8 }
    #expect(first.prepared == 7 && second.prepared == 7 && first.worker === second.worker)
    #expect(launcher.count == 1)
  }

  @Test("Many requests at once make one start, and all of them get its worker") func oneStart() async throws {
    let gate = Gate()
    let preparations = Counter()
    let workers = try await withThrowingTaskGroup(of: Int32.self) { group in
      for _ in 0..<50 {
        group.addTask { [worker] in
          try await worker.running { _ in
            preparations.next()
            await gate.pass()
            return 1
          }.worker.processID
        }
      }
      await gate.reached.wait()
      gate.opened.raise()
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(workers.count == 50 && Set(workers).count == 1)
    #expect(launcher.count == 1 && preparations.count == 1)
  }

  @Test("After a death the next request gets a fresh worker")
  func replaced() async throws {
    let first = try await worker.running { _ in 1 }
    launcher.workers.first?.die(.signal(11))
    let second = try await worker.running { _ in 2 }
    #expect(second.worker !== first.worker && second.prepared == 2)
    #expect(launcher.count == 2)
  }

  @Test("A death says how the worker ended; the fresh worker after it counts as a restart")
  func counted() async throws {
    _ = try await worker.running { _ in 1 }
    launcher.workers.first?.die(.status(3))
    #expect(await settled())
    #expect(await worker.lastFailure == "exited with status 3")
    #expect(await worker.restarts == 0)
    _ = try await worker.running { _ in 2 }
    #expect(await eventually { await worker.restarts == 1 })
  }

  @Test("A worker that keeps dying rests: a request is told how long") func rests() async throws {
    var refusal: WorkbenchError?
    for _ in 0..<12 where refusal == nil {
      do {
        _ = try await worker.running { _ in 1 }
        launcher.workers.last?.die(.signal(11))
        #expect(await settled())
      } catch let error as WorkbenchError {
        refusal = error
      }
    }
    let error = try #require(refusal)
    #expect(error.kind == .unavailable && error.message.contains("SIGSEGV"))
    let wait = try #require(error.retryAfter)
    #expect(wait > HostLimits.backoffPatience && wait <= HostLimits.backoffMost)
    // While it rests nothing is started.
    let count = launcher.count
    await #expect(throws: WorkbenchError.self) { _ = try await worker.running { _ in 1 } }
    #expect(launcher.count == count)
  }

  @Test("A refusal by the worker is an answer: the worker is kept for the next try") func refusal()
    async throws
  {
    let refused = WorkbenchError(.invalidArgument, "this is not a model", field: "path")
    for _ in 0..<5 {
      await #expect(throws: refused) { _ = try await worker.running { _ in throw refused } }
    }
    #expect(try await worker.running { _ in 1 }.worker === launcher.workers.first)
    #expect(launcher.count == 1)
    #expect(await worker.lastFailure.isEmpty)
  }

  @Test("A worker that dies while it loads is an unavailability that says how it died")
  func deathWhileLoading() async throws {
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await worker.running { worker in
        (worker as? FakeWorker)?.die(.signal(6))
        throw FakeWorker.ended
      }
    }
    #expect(error?.kind == .unavailable && error?.message.contains("SIGABRT") == true)
    #expect(await settled())
    #expect(try await worker.running { _ in 4 }.prepared == 4)
  }

  @Test("A worker that lost its connection but lives is ended, and counts as a death")
  func lostConnection() async throws {
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await worker.running { _ in throw FakeWorker.ended }
    }
    #expect(error?.kind == .unavailable)
    #expect(launcher.workers.first?.isAlive == false)
  }

  @Test("A start that a plugin broke by its opening is tried again without the plugin")
  func anotherTry() async throws {
    let launcher = FakeLauncher()
    let roster = PluginRoster([PluginRecord(path: "/p/bad.so")], log: silent)
    let worker = SupervisedWorker<Int>(
      model: "m", pool: WorkerPool(launcher: launcher, plugins: roster), log: silent)
    let running = try await worker.running { worker in
      guard worker.plugins.isEmpty else {
        (worker as? FakeWorker)?.die(
          .signal(11), calling: [PluginSuspect(path: "/p/bad.so", isOpening: true)])
        throw FakeWorker.ended
      }
      return 9
    }
    #expect(running.prepared == 9 && launcher.workers.map(\.plugins) == [["/p/bad.so"], []])
    #expect(roster.records.first?.quarantine != nil)
  }

  @Test("A launcher that cannot start a process is an error, and the next request tries again")
  func launchFails() async throws {
    let refused = WorkbenchError(.resourceExhausted, "no process is left")
    let failures = Counter()
    let launcher = FakeLauncher(each: { _ in
      guard failures.next() > 0 else { throw refused }
      return FakeWorker.Script()
    })
    let worker = SupervisionTests(launcher).worker
    await #expect(throws: refused) { _ = try await worker.running { _ in 1 } }
    #expect(try await worker.running { _ in 1 }.prepared == 1)
  }

  @Test("Closing ends a running worker, and later requests learn that it was unloaded") func close()
    async throws
  {
    _ = try await worker.running { _ in 1 }
    await worker.close()
    #expect(launcher.workers.first?.isAlive == false)
    let error = await #expect(throws: WorkbenchError.self) { _ = try await worker.running { _ in 1 } }
    #expect(error?.kind == .notFound)
    await worker.close()
  }

  @Test("Closing while it starts ends the start and its worker") func closeWhileStarting() async throws {
    let gate = Gate()
    let request = Task {
      try await worker.running { worker in
        await gate.pass()
        guard worker.isAlive else { throw FakeWorker.ended }
        return 1
      }
    }
    await gate.reached.wait()
    await worker.close()
    #expect(launcher.workers.first?.isAlive == false)
    await #expect(throws: (any Error).self) { _ = try await request.value }
    #expect(launcher.count == 1)
  }
}
