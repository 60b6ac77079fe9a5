import Concurrency
import RoleTestSupport
import Runtime
import Synchronization
import Testing

@testable import Host

@Suite("A worker that is started when it is needed and replaced when it died") struct SupervisionTests {
  private let launcher: FakeLauncher
  private let worker: SupervisedWorker<Int>
  private let next = NextPreparation()

  init() {
    self.init(FakeLauncher())
  }

  private init(_ launcher: FakeLauncher) {
    self.launcher = launcher
    let pool = WorkerPool(
      launcher: launcher, plugins: PluginRoster(log: silent), heartbeat: .milliseconds(5),
      patience: .seconds(100_000), log: silent)
    worker = SupervisedWorker(model: "m", pool: pool, log: silent) { [next] worker, _ in
      try await next.run(worker)
    }
  }

  /// The worker; `prepare` makes it ready if it has to be started.
  private func running(
    _ prepare: @escaping @Sendable (any Worker) async throws -> Int
  ) async throws -> SupervisedWorker<Int>.Running {
    next.set(prepare)
    return try await worker.running()
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
    let first = try await running { _ in 7 }
    let second = try await running { _ in 8 }
    #expect(first.prepared == 7 && second.prepared == 7 && first.worker === second.worker)
    #expect(launcher.count == 1)
  }

  @Test("Many requests at once make one start, and all of them get its worker") func oneStart() async throws {
    let gate = Gate()
    let preparations = Counter()
    let workers = try await withThrowingTaskGroup(of: Int32.self) { group in
      for _ in 0..<50 {
        group.addTask {
          try await running { _ in
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
    let first = try await running { _ in 1 }
    launcher.workers.first?.die(.signal(11))
    let second = try await running { _ in 2 }
    #expect(second.worker !== first.worker && second.prepared == 2)
    #expect(launcher.count == 2)
  }

  @Test("A death says how the worker ended; the fresh worker after it counts as a restart")
  func counted() async throws {
    _ = try await running { _ in 1 }
    launcher.workers.first?.die(.status(3))
    #expect(await settled())
    #expect(await worker.lastFailure == "exited with status 3")
    #expect(await worker.restarts == 0)
    _ = try await running { _ in 2 }
    #expect(await eventually { await worker.restarts == 1 })
  }

  @Test("A worker that keeps dying rests: a request is told how long") func rests() async throws {
    var refusal: WorkbenchError?
    var began = ContinuousClock.now
    for _ in 0..<12 where refusal == nil {
      began = .now
      do {
        _ = try await running { _ in 1 }
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
    // While it rests nothing is started. A busy machine may be too late to see that.
    let count = launcher.count
    let again = try? await running { _ in 1 }
    if ContinuousClock.now < began + wait - HostLimits.backoffPatience {
      #expect(again == nil && launcher.count == count)
    }
  }

  @Test("A refusal by the worker is an answer: the worker is kept for the next try") func refusal()
    async throws
  {
    let refused = WorkbenchError(.invalidArgument, "this is not a model", field: "path")
    for _ in 0..<5 {
      await #expect(throws: refused) { _ = try await running { _ in throw refused } }
    }
    #expect(try await running { _ in 1 }.worker === launcher.workers.first)
    #expect(launcher.count == 1)
    #expect(await worker.lastFailure.isEmpty)
  }

  @Test("A worker that dies while it loads is an unavailability that says how it died")
  func deathWhileLoading() async throws {
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await running { worker in
        (worker as? FakeWorker)?.die(.signal(6))
        throw FakeWorker.ended
      }
    }
    #expect(error?.kind == .unavailable && error?.message.contains("SIGABRT") == true)
    #expect(await settled())
    #expect(try await running { _ in 4 }.prepared == 4)
  }

  @Test("A worker that lost its connection but lives is ended, and counts as a death")
  func lostConnection() async throws {
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await running { _ in throw FakeWorker.ended }
    }
    #expect(error?.kind == .unavailable)
    #expect(launcher.workers.first?.isAlive == false)
  }

  @Test("A start that a plugin broke by its opening is tried again without the plugin")
  func anotherTry() async throws {
    let launcher = FakeLauncher()
    let roster = PluginRoster([PluginRecord(path: "/p/bad.so")], log: silent)
    let pool = WorkerPool(
      launcher: launcher, plugins: roster, patience: .seconds(100_000), log: silent)
    let worker = SupervisedWorker<Int>(model: "m", pool: pool, log: silent) { worker, _ in
      guard worker.plugins.isEmpty else {
        (worker as? FakeWorker)?.die(
          .signal(11), calling: [PluginSuspect(path: "/p/bad.so", isOpening: true)])
        throw FakeWorker.ended
      }
      return 9
    }
    let running = try await worker.running()
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
    let test = SupervisionTests(launcher)
    await #expect(throws: refused) { _ = try await test.running { _ in 1 } }
    #expect(try await test.running { _ in 1 }.prepared == 1)
  }

  @Test("A worker that stops is ended, its death says so, and the next request gets a fresh one")
  func stopped() async throws {
    let first = try await running { _ in 1 }
    launcher.workers.first?.stop()
    #expect(await first.worker.waitForExit() == .stopped)
    #expect(await settled())
    #expect(await worker.lastFailure.contains("stopped answering"))
    #expect(try await running { _ in 2 }.prepared == 2)
    #expect(await worker.restarts == 1)
  }

  @Test("A worker that stops while it is made ready is ended too") func stoppedWhileLoading() async throws {
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await running { worker in
        (worker as? FakeWorker)?.stop()
        _ = await worker.waitForExit()
        throw FakeWorker.ended
      }
    }
    #expect(error?.kind == .unavailable && error?.message.contains("stopped answering") == true)
  }

  @Test("A worker that is busy for many heartbeats is left alone") func busy() async throws {
    let running = try await running { _ in
      try await Task.sleep(for: .milliseconds(200))
      return 1
    }
    #expect(running.worker.isAlive && launcher.count == 1)
  }

  @Test("What it holds is gone for good once the model's file has changed") func changedFile() async throws {
    _ = try await running { _ in 1 }
    launcher.workers.first?.die(.changedFile)
    #expect(
      await eventually {
        if case .failed = await worker.state { true } else { false }
      })
    for _ in 0..<2 {
      let error = await #expect(throws: WorkbenchError.self) { _ = try await running { _ in 1 } }
      #expect(error?.kind == .dataLoss && error?.message.contains("load it again") == true)
    }
    #expect(launcher.count == 1)
  }

  @Test("So it is when a fresh worker finds another file") func otherFile() async throws {
    _ = try await running { _ in 1 }
    launcher.workers.first?.die(.signal(7))
    let changed = WorkbenchError(.dataLoss, "this is not the file")
    for _ in 0..<2 { await #expect(throws: changed) { _ = try await running { _ in throw changed } } }
    #expect(launcher.count == 2, "the second one refused, and no third one was started")
  }

  @Test("A change reaches the worker that took the place of the one that accepted it") func changeOfAnother()
    async throws
  {
    _ = try await running { _ in 1 }
    let applied = Counter()
    let prepared = try await worker.change(
      { worker in
        if applied.next() == 0 {
          (worker as? FakeWorker)?.die(.signal(11))
          // Somebody asks for the worker before the change has come back.
          _ = try await self.running { _ in 1 }
        }
        return 7
      }, then: { _, _ in 7 })
    #expect(prepared == 7 && applied.count == 2 && launcher.count == 2)
    #expect(try await worker.running().prepared == 7)
    launcher.workers.last?.die(.signal(11))
    #expect(await settled())
    #expect(try await worker.running().prepared == 7, "and every later one")
  }

  @Test("When it starts no more, a start under way ends and a running worker stays") func stopStarting()
    async throws
  {
    let first = try await running { _ in 1 }
    await worker.stopStarting()
    #expect(first.worker.isAlive)
    #expect(try await running { _ in 1 }.worker === first.worker)
    first.worker.terminate()
    let error = await #expect(throws: WorkbenchError.self) { _ = try await running { _ in 1 } }
    #expect(error?.kind == .unavailable && launcher.count == 1)
  }

  @Test("Closing ends a running worker, and later requests learn that it was unloaded") func close()
    async throws
  {
    _ = try await running { _ in 1 }
    await worker.close()
    #expect(launcher.workers.first?.isAlive == false)
    let error = await #expect(throws: WorkbenchError.self) { _ = try await running { _ in 1 } }
    #expect(error?.kind == .notFound)
    await worker.close()
  }

  @Test("Closing while it starts ends the start and its worker") func closeWhileStarting() async throws {
    let gate = Gate()
    let request = Task {
      try await running { worker in
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

/// The preparation that a test wants of the next worker.
private final class NextPreparation: Sendable {
  private let prepare = Mutex<(@Sendable (any Worker) async throws -> Int)?>(nil)

  func set(_ prepare: @escaping @Sendable (any Worker) async throws -> Int) {
    self.prepare.withLock { $0 = prepare }
  }

  func run(_ worker: any Worker) async throws -> Int {
    guard let prepare = prepare.withLock({ $0 }) else { throw WorkbenchError(.internal, "no preparation") }
    return try await prepare(worker)
  }
}
