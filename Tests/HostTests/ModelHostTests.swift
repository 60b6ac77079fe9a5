import Concurrency
import RoleTestSupport
import Runtime
import Testing

@testable import Host

@Suite("Many models and their workers") struct ModelHostTests {
  private let launcher: FakeLauncher
  private let host: ModelHost

  init() { self.init(FakeLauncher()) }

  private init(_ launcher: FakeLauncher) {
    self.launcher = launcher
    host = ModelHost(launcher: launcher, log: silent, patience: .long)
  }

  private func load(_ name: String) async throws -> ModelRecord {
    try await host.load(ModelSource(path: "/m/\(name).gguf"), name: nil) { _ in }
  }

  private func generate(_ model: String) async throws -> [EncodedMessage] {
    let stream = try await host.generate(
      EncodedMessage([7] as [UInt8]), model: model, samplers: SamplerNames())
    var messages: [EncodedMessage] = []
    for try await message in stream { messages.append(message) }
    return messages
  }

  @Test("Models are listed in the order of loading, each with a worker of its own") func order() async throws
  {
    for name in ["c", "a", "b"] { #expect(try await load(name).state == .ready) }
    #expect(await host.records().map(\.name) == ["c", "a", "b"])
    #expect(Set(await host.records().map(\.processID)).count == 3)
    try await host.unload("a")
    #expect(await host.records().map(\.name) == ["c", "b"])
    #expect(launcher.workers.map(\.isAlive) == [true, false, true])
  }

  @Test("A tokenizer that ends its worker again and again takes templates from nobody") func tokenizerFiles()
    async throws
  {
    var script = FakeWorker.Script()
    script.answer = { worker, request in
      guard request.call == .tokenize else { return request.message }
      worker.die(.signal(4))
      throw FakeWorker.ended
    }
    let launcher = FakeLauncher(script)
    let other = Self(launcher).host
    _ = try await other.checkTemplate(.source("{{ messages }}"), model: nil)
    let templates = try #require(launcher.workers.first)
    // More often than it takes until a worker that died has to rest.
    for _ in 0..<6 {
      await #expect(throws: WorkbenchError.self) {
        _ = try await other.answer(
          .tokenize, EncodedMessage([1] as [UInt8]), by: .utility(tokenizers: ["/bad.json"]))
      }
      _ = try await other.checkTemplate(.source("{{ messages }}"), model: nil)
      #expect(templates.isAlive)
    }
  }

  @Test("No more than the limit of models is loaded") func limit() async throws {
    for number in 0..<HostLimits.models { _ = try await load("\(number)") }
    let error = await #expect(throws: WorkbenchError.self) { _ = try await load("one more") }
    #expect(error?.kind == .resourceExhausted && launcher.count == HostLimits.models)
  }

  @Test("A model that is unloaded while it loads ends its load and its worker") func unloadWhileLoading()
    async throws
  {
    let gate = Gate()
    var script = FakeWorker.Script()
    script.load = { worker, _ in
      await gate.pass()
      guard worker.isAlive else { throw FakeWorker.ended }
      return LoadedModel()
    }
    let test = ModelHostTests(FakeLauncher(script))
    let loading = Task { try await test.load("a") }
    await gate.reached.wait()
    #expect(await test.host.records().first?.state == .loading)
    try await test.host.unload("a")
    await #expect(throws: (any Error).self) { _ = try await loading.value }
    #expect(await test.host.records().isEmpty)
    #expect(test.launcher.workers.allSatisfy { !$0.isAlive })
  }

  @Test("A drain gives up loads and refuses new work") func drain() async throws {
    let gate = Gate()
    var script = FakeWorker.Script()
    script.load = { worker, source in
      if source.path.hasSuffix("slow.gguf") { await gate.pass() }
      guard worker.isAlive else { throw FakeWorker.ended }
      return LoadedModel()
    }
    let test = ModelHostTests(FakeLauncher(script))
    _ = try await test.load("fast")
    let slow = Task { try await test.load("slow") }
    await gate.reached.wait()
    await test.host.drain()
    await #expect(throws: (any Error).self) { _ = try await slow.value }
    #expect(await test.host.draining)
    let error = await #expect(throws: WorkbenchError.self) { _ = try await test.generate("fast") }
    #expect(error?.kind == .unavailable)
    #expect(test.launcher.workers.first?.isAlive == true, "what runs may end by itself")
    await test.host.stop()
    #expect(test.launcher.workers.allSatisfy { !$0.isAlive })
  }

  @Test("A stream whose worker the kernel killed before it answered is started once more") func retried()
    async throws
  {
    let test = ModelHostTests(
      FakeLauncher(each: { number in
        var script = FakeWorker.Script()
        script.stream = { worker, request in
          guard number > 0 else {
            worker.die(.signal(9))
            throw FakeWorker.ended
          }
          return [request.message]
        }
        return script
      }))
    _ = try await test.load("a")
    #expect(try await test.generate("a") == [EncodedMessage([7] as [UInt8])])
    #expect(test.launcher.count == 2 && test.launcher.workers[1].requests.count == 1)
  }

  @Test(
    "A stream whose worker died by itself is not: the request may be what kills it",
    arguments: [WorkerExit.signal(11), .status(1), .hungPlugin])
  func notRetried(end: WorkerExit) async throws {
    var script = FakeWorker.Script()
    script.stream = { worker, _ in
      worker.die(end)
      throw FakeWorker.ended
    }
    let test = ModelHostTests(FakeLauncher(script))
    _ = try await test.load("a")
    let error = await #expect(throws: WorkbenchError.self) { _ = try await test.generate("a") }
    #expect(error?.kind == .unavailable && test.launcher.count == 1)
  }

  @Test("A refusal by a worker that lives is passed on and not tried again") func refusal() async throws {
    var script = FakeWorker.Script()
    let refused = WorkbenchError(.outOfRange, "too long", field: "prompt")
    script.stream = { _, _ in throw refused }
    let test = ModelHostTests(FakeLauncher(script))
    _ = try await test.load("a")
    await #expect(throws: refused) { _ = try await test.generate("a") }
    #expect(test.launcher.workers.first?.requests.count == 1)
  }

  @Test("A chat takes its template and its preset with it to the worker") func relayed() async throws {
    _ = try await load("a")
    var samplers = SamplerNames()
    samplers.preset = "synthia"
    _ = try await host.chat(
      EncodedMessage([1] as [UInt8]), model: "a", template: .named("chatml"), samplers: samplers)
    let request = try #require(launcher.workers.first?.requests.first)
    #expect(request.call == .chat && request.message.bytes == [1])
    #expect(request.template?.name == "chatml" && request.preset?.name == "synthia")
  }

  @Test("An update is all or nothing: what is wrong in one part leaves the others as they were") func update()
    async throws
  {
    var script = FakeWorker.Script()
    script.useTokenizer = { _, tokenizer in
      guard tokenizer != "bad" else { throw WorkbenchError(.invalidArgument, "no", field: "tokenizer") }
      return LoadedModel()
    }
    let test = ModelHostTests(FakeLauncher(script))
    _ = try await test.load("a")
    var change = ModelChange()
    change.template = "chatml"
    change.preset = "default"
    change.tokenizer = "good"
    let first = try await test.host.update("a", change)
    #expect(first.template == "chatml" && first.preset == "default" && first.source.tokenizer == "good")
    for (template, preset, tokenizer) in [
      ("none", "synthia", "other"), ("zephyr", "none", "other"), ("zephyr", "synthia", "bad"),
    ] {
      change.template = template
      change.preset = preset
      change.tokenizer = tokenizer
      await #expect(throws: WorkbenchError.self) { _ = try await test.host.update("a", change) }
      let record = try await test.host.record("a")
      #expect(record.template == "chatml" && record.preset == "default" && record.source.tokenizer == "good")
    }
  }

  @Test("A folder's edit becomes a version when it compiles; a broken one leaves what was there and says why")
  func folders() async throws {
    #expect(await host.take([.edited(name: "f", path: "/p/f.jinja", text: "one")]).isEmpty)
    #expect(await host.take([.edited(name: "f", path: "/p/f.jinja", text: "BROKEN")]).isEmpty)
    let kept = try await host.template("f", model: nil)
    #expect(kept.template.source == "one" && kept.versions == [1] && kept.problem.contains("broken"))
    #expect(await host.take([.refused(name: "f", path: "/p/f.jinja", why: "not UTF-8 text")]).isEmpty)
    #expect(try await host.template("f", model: nil).problem == "not UTF-8 text")
    #expect(await host.take([.removed(name: "f")]).isEmpty)
    await #expect(throws: WorkbenchError.self) { _ = try await host.template("f", model: nil) }
  }

  @Test("A template that a model was told to use cannot be removed from under it") func inUse() async throws {
    _ = try await load("a")
    _ = try await host.putTemplate("mine", .source("x"), ifVersion: 0)
    var change = ModelChange()
    change.template = "mine@1"
    _ = try await host.update("a", change)
    let error = await #expect(throws: WorkbenchError.self) {
      try await host.removeTemplate("mine", ifVersion: nil)
    }
    #expect(error?.kind == .failedPrecondition && error?.message.contains("'a'") == true)
    change.template = ""
    _ = try await host.update("a", change)
    try await host.removeTemplate("mine", ifVersion: 1)
  }

  @Test("Of two puts that saw the same version one wins") func race() async throws {
    let gate = Gate()
    var script = FakeWorker.Script()
    script.check = { _, template in
      if template.source == "slow" { await gate.pass() }
      return TemplateReport()
    }
    let test = ModelHostTests(FakeLauncher(script))
    let slow = Task { try await test.host.putTemplate("m", .source("slow"), ifVersion: 0).record }
    await gate.reached.wait()
    _ = try await test.host.putTemplate("m", .source("fast"), ifVersion: 0)
    gate.opened.raise()
    let error = await #expect(throws: WorkbenchError.self) { _ = try await slow.value }
    #expect(error?.field == "if_version")
    #expect(try await test.host.template("m", model: nil).template.source == "fast")
  }

  @Test("A template that is too large is refused before a worker sees it") func tooLarge() async throws {
    let text = String(repeating: "x", count: HostLimits.templateBytes + 1)
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await host.putTemplate("m", .source(text), ifVersion: nil)
    }
    #expect(error?.kind == .outOfRange && error?.field == "source" && launcher.count == 0)
  }
}
