import Concurrency
import RoleTestSupport
import Runtime
import Synchronization
import Testing

@testable import Host

@Suite("What the host says of its models while a worker does not answer") struct StatusTests {
  private func load(_ name: String, on host: ModelHost) async throws {
    _ = try await host.load(ModelSource(path: "/m/\(name).gguf"), name: name) { _ in }
  }

  @Test("The others are reported as they are, and the silent one as it was when it last answered")
  func unanswered() async throws {
    let isSilent = Mutex(false)
    let never = Signal()
    let launcher = FakeLauncher(each: { number in
      var script = FakeWorker.Script()
      script.status = { _ in
        if number == 0, isSilent.withLock({ $0 }) { await never.wait() }
        var status = WorkerStatus()
        status.residentBytes = 7 + number
        status.plugins = [PluginUse(kind: "sampler", name: "s\(number)")]
        return status
      }
      return script
    })
    let host = ModelHost(launcher: launcher, log: silent)
    for name in ["a", "b"] { try await load(name, on: host) }
    /// Which readings come to be current: on a busy machine an answer may take longer than the host waits.
    func settles(at expected: [Bool?]) async -> Bool {
      await eventually { await host.reports().map { $0.reading?.isCurrent } == expected }
    }
    #expect(await settles(at: [true, true]))
    let before = await host.reports()
    #expect(before.map { $0.reading?.status.residentBytes } == [7, 8])
    isSilent.withLock { $0 = true }
    #expect(await settles(at: [false, true]))
    let during = await host.reports()
    #expect(during.map { $0.reading?.status.residentBytes } == [7, 8])
    #expect(during.first?.reading?.takenAt == before.first?.reading?.takenAt)
    #expect(try await eventually { try await host.report("b").reading?.isCurrent == true })
    #expect(await host.pluginReport().isEmpty)
    isSilent.withLock { $0 = false }
    #expect(await settles(at: [true, true]))
    // What a worker said is forgotten with it.
    launcher.workers.first?.die(.signal(11))
    #expect(await host.reports().map { $0.reading != nil } == [false, true])
    #expect(await host.readings.count == 1)
  }

  @Test("A worker that never answered has no figures, and its model is there all the same")
  func neverAnswered() async throws {
    let never = Signal()
    var script = FakeWorker.Script()
    script.status = { _ in
      await never.wait()
      throw FakeWorker.ended
    }
    let host = ModelHost(launcher: FakeLauncher(script), log: silent)
    try await load("a", on: host)
    let report = try #require(await host.reports().first)
    #expect(report.record.state == .ready && report.reading == nil)
  }

  @Test("The place of a model whose file changed is taken by the next load of its name") func reload()
    async throws
  {
    let launcher = FakeLauncher()
    let host = ModelHost(launcher: launcher, log: silent)
    for name in ["a", "b"] { try await load(name, on: host) }
    launcher.workers.first?.die(.changedFile)
    let record = try await host.record("a")
    #expect(record.state == .down && record.lastFailure.contains("changed"))
    #expect(await host.isReady(model: "a") == false)
    try await load("a", on: host)
    #expect(try await host.record("a").state == .ready)
    let error = await #expect(throws: WorkbenchError.self) { try await load("b", on: host) }
    #expect(error?.kind == .alreadyExists)
  }

  @Test("A fresh worker is told which file it must find, and one for a new load is not") func fileState()
    async throws
  {
    let asked = Mutex<[String?]>([])
    var script = FakeWorker.Script()
    script.load = { _, source in
      asked.withLock { $0.append(source.fileState) }
      var loaded = LoadedModel()
      loaded.fileState = "1:2"
      return loaded
    }
    script.useTokenizer = { _, tokenizer in
      var loaded = LoadedModel()
      loaded.tokenizer = tokenizer ?? ""
      loaded.fileState = "1:2"
      return loaded
    }
    let launcher = FakeLauncher(script)
    let host = ModelHost(launcher: launcher, log: silent)
    try await load("a", on: host)
    var change = ModelChange()
    change.tokenizer = "t"
    _ = try await host.update("a", change)
    launcher.workers.first?.die(.signal(11))
    _ = try await host.generate(EncodedMessage([7] as [UInt8]), model: "a", samplers: SamplerNames())
    try await host.unload("a")
    try await load("a", on: host)
    #expect(asked.withLock { $0 } == [nil, "1:2", nil])
  }

  @Test("A template of the file's own is asked of the file, one of ours is not") func ownTemplate()
    async throws
  {
    let asked = Mutex<[String?]>([])
    var script = FakeWorker.Script()
    script.load = { _, source in
      asked.withLock { $0.append(source.ownTemplate) }
      var loaded = LoadedModel()
      loaded.templates = [TemplateSource(name: "tools", source: "x", origin: .checkpoint)]
      return loaded
    }
    let host = ModelHost(launcher: FakeLauncher(script), log: silent)
    for (name, template) in [("a", "chatml"), ("b", "tools")] {
      let record = try await host.load(ModelSource(path: "/m/m.gguf"), name: name, template: template) { _ in
      }
      #expect(record.template == template)
    }
    #expect(asked.withLock { $0 } == [nil, "tools"])
  }

  @Test("Edits that no worker can check now are given back, to be tried again") func undecided() async throws
  {
    let refusals = Counter()
    let launcher = FakeLauncher(each: { _ in
      var script = FakeWorker.Script()
      script.check = { worker, _ in
        guard refusals.next() > 0 else {
          worker.die(.signal(9))
          throw FakeWorker.ended
        }
        return TemplateReport()
      }
      return script
    })
    let host = ModelHost(launcher: launcher, log: silent)
    let edit = WatchedFiles.Change.edited(name: "f", path: "/p/f.jinja", text: "x")
    #expect(await host.take([edit]) == [edit])
    #expect(await host.take([edit]).isEmpty)
    #expect(try await host.template("f", model: nil).template.source == "x")
  }

  @Test(
    "A name of a template, a preset or a model that cannot be typed is refused",
    arguments: ["a b", "a\u{202e}"])
  func names(name: String) async throws {
    let host = ModelHost(launcher: FakeLauncher(), log: silent)
    let put = await #expect(throws: WorkbenchError.self) {
      _ = try await host.putTemplate(name, .source("x"), ifVersion: nil)
    }
    #expect(put?.kind == .invalidArgument && put?.field == "name")
    let loading = await #expect(throws: WorkbenchError.self) { try await load(name, on: host) }
    #expect(loading?.kind == .invalidArgument && loading?.field == "name")
    #expect(await host.take([.edited(name: name, path: "/p", text: "x")]).isEmpty)
    await host.takePresets([.edited(name: name, path: "/p", text: "top_k: 3")])
    #expect(await !host.samplerPresets.contains { $0.name == name })
    await #expect(throws: WorkbenchError.self) { _ = try await host.template(name, model: nil) }
  }
}
