import RoleTestSupport
import Runtime
import Testing

@testable import Host

@Suite("The worker that is kept for the next load") struct WorkerPoolTests {
  private func pool(_ launcher: FakeLauncher, _ plugins: [String] = []) -> WorkerPool {
    WorkerPool(
      launcher: launcher, plugins: PluginRoster(plugins.map { PluginRecord(path: $0) }, log: silent),
      heartbeat: .milliseconds(5), patience: .seconds(100_000), log: silent)
  }

  @Test("A worker that was given back is handed out again, and no second one is started")
  func reuse() async throws {
    let launcher = FakeLauncher()
    let pool = pool(launcher)
    let first = try await pool.take()
    await pool.giveBack(first)
    let second = try await pool.take()
    #expect(second === first && launcher.count == 1 && second.isAlive)
    let third = try await pool.take()
    #expect(third !== first && launcher.count == 2)
  }

  @Test("One is kept; a second one that is given back is ended") func one() async throws {
    let pool = pool(FakeLauncher())
    let workers = [try await pool.take(), try await pool.take()]
    for worker in workers { await pool.giveBack(worker) }
    #expect(workers[0].isAlive && !workers[1].isAlive)
  }

  @Test("An idle worker that died is not handed out") func dead() async throws {
    let launcher = FakeLauncher()
    let pool = pool(launcher)
    let worker = try await pool.take()
    await pool.giveBack(worker)
    worker.terminate()
    #expect(try await pool.take() !== worker)
    #expect(launcher.count == 2)
  }

  @Test("An idle worker is ended when the plugins that workers open have changed")
  func plugins() async throws {
    let launcher = FakeLauncher()
    let pool = pool(launcher, ["/p/a.so", "/p/b.so"])
    let before = try await pool.take()
    #expect(before.plugins == ["/p/a.so", "/p/b.so"])
    await pool.giveBack(before)
    pool.plugins.blame([PluginSuspect(path: "/p/a.so", isOpening: true)], for: .signal(11))
    let after = try await pool.take()
    #expect(after !== before && !before.isAlive && after.plugins == ["/p/b.so"])
  }

  @Test("An idle worker that stops is ended") func stopped() async throws {
    let launcher = FakeLauncher()
    let pool = pool(launcher)
    let worker = try await pool.take()
    await pool.giveBack(worker)
    #expect(worker.beats > 0, "it has started, so that it is not given the time to")
    launcher.workers.first?.stop()
    #expect(await worker.waitForExit() == .stopped)
  }

  @Test("Closing ends the idle worker") func close() async throws {
    let pool = pool(FakeLauncher())
    let worker = try await pool.take()
    await pool.giveBack(worker)
    await pool.close()
    #expect(!worker.isAlive)
    await pool.close()
    let late = try await pool.take()
    await pool.giveBack(late)
    #expect(!late.isAlive, "none is kept any more")
  }
}
