import Concurrency
import RoleTestSupport
import Runtime
import Synchronization
import Testing

@testable import Host

@Suite("Changes to a model that meet each other") struct ConcurrentChangesTests {
  private func load(_ name: String, on host: ModelHost) async throws -> ModelRecord {
    try await host.load(ModelSource(path: "/m/\(name).gguf"), name: name) { _ in }
  }

  private func set(_ tokenizer: String, of model: String, on host: ModelHost) async throws {
    var change = ModelChange()
    change.tokenizer = tokenizer
    _ = try await host.update(model, change)
  }

  private func generate(_ model: String, on host: ModelHost) async throws {
    _ = try await host.generate(EncodedMessage([7] as [UInt8]), model: model, samplers: SamplerNames())
  }

  /// A worker whose tokenizers with "slow" in their name wait at the gate, and those with "bad" are refused.
  private func script(_ gate: Gate) -> FakeWorker.Script {
    var script = FakeWorker.Script()
    script.useTokenizer = { _, tokenizer in
      let name = tokenizer ?? "own"
      if name.contains("slow") { await gate.pass() }
      if name.contains("bad") { throw WorkbenchError(.invalidArgument, "refused", field: "tokenizer") }
      var loaded = LoadedModel()
      loaded.tokenizer = name
      return loaded
    }
    return script
  }

  /// Time for tasks that were started to get as far as they can; too little only makes a test weaker.
  private func settle() async throws { try await Task.sleep(for: .milliseconds(60)) }

  @Test("A request that waits for a dead worker's rest does not bring it back after an unload")
  func unloadDuringRest() async throws {
    // On a busy machine the rest may be over before the unload; such a start is held up, and does not get further.
    let gate = Gate()
    let launcher = FakeLauncher(each: { number in
      var script = FakeWorker.Script()
      script.load = { _, _ in
        if number > 1 { await gate.pass() }
        return LoadedModel()
      }
      return script
    })
    let host = ModelHost(launcher: launcher, log: silent, patience: .long)
    _ = try await load("a", on: host)
    for count in 1...2 {
      launcher.workers.last?.die(.signal(11))
      if count == 1 { try await generate("a", on: host) }
    }
    let requests = (0..<8).map { _ in Task { try await generate("a", on: host) } }
    try await settle()
    try await host.unload("a")
    for request in requests {
      let error = await #expect(throws: WorkbenchError.self) { try await request.value }
      #expect(error?.kind == .notFound)
    }
    #expect(launcher.workers.allSatisfy { !$0.isAlive })
    #expect(await host.records().isEmpty)
  }

  @Test("Refused changes that meet leave the tokenizer that was there, and the model starts again with it")
  func refusedTogether() async throws {
    let gate = Gate()
    let launcher = FakeLauncher(script(gate))
    let host = ModelHost(launcher: launcher, log: silent, patience: .long)
    _ = try await load("a", on: host)
    let changes = (1...4).map { number in Task { try await set("slow-bad-\(number)", of: "a", on: host) } }
    await gate.reached.wait()
    try await settle()
    gate.opened.raise()
    for change in changes { await #expect(throws: WorkbenchError.self) { try await change.value } }
    #expect(try await host.record("a").source.tokenizer == nil)
    launcher.workers.last?.die(.signal(11))
    try await generate("a", on: host)
    #expect(try await host.record("a").loaded.tokenizer == "own")
  }

  @Test("A change that was acknowledged is not undone by one that began before it and is refused after it")
  func acknowledged() async throws {
    let gate = Gate()
    let host = ModelHost(launcher: FakeLauncher(script(gate)), log: silent, patience: .long)
    _ = try await load("a", on: host)
    let refused = Task { try await set("slow-bad", of: "a", on: host) }
    await gate.reached.wait()
    let accepted = Task { try await set("good", of: "a", on: host) }
    try await settle()
    gate.opened.raise()
    try await accepted.value
    await #expect(throws: WorkbenchError.self) { try await refused.value }
    let record = try await host.record("a")
    #expect(record.source.tokenizer == "good" && record.loaded.tokenizer == "good")
  }

  @Test("What began on a model does not end on another one that took its name") func sameName() async throws {
    let gate = Gate()
    let host = ModelHost(launcher: FakeLauncher(script(gate)), log: silent, patience: .long)
    _ = try await load("a", on: host)
    var change = ModelChange()
    change.tokenizer = "slow"
    change.template = "chatml"
    let update = Task { [change] in try await host.update("a", change) }
    await gate.reached.wait()
    try await host.unload("a")
    _ = try await load("a", on: host)
    gate.opened.raise()
    let error = await #expect(throws: WorkbenchError.self) { _ = try await update.value }
    #expect(error?.kind == .notFound)
    let record = try await host.record("a")
    #expect(record.source.tokenizer == nil && record.loaded.tokenizer == "own" && record.template != "chatml")
  }

  @Test("A client that leaves during a change does not make the host forget what the worker did")
  func cancelled() async throws {
    let gate = Gate()
    let applied = Mutex("own")
    var script = FakeWorker.Script()
    script.useTokenizer = { _, tokenizer in
      applied.withLock { $0 = tokenizer ?? "own" }
      gate.reached.raise()
      // As over a connection: the caller's cancellation ends the call, whatever the worker does with it.
      await gate.opened.wait()
      try Task.checkCancellation()
      var loaded = LoadedModel()
      loaded.tokenizer = tokenizer ?? "own"
      return loaded
    }
    let host = ModelHost(launcher: FakeLauncher(script), log: silent, patience: .long)
    _ = try await load("a", on: host)
    let change = Task { try await set("new", of: "a", on: host) }
    await gate.reached.wait()
    change.cancel()
    try await settle()
    gate.opened.raise()
    _ = await change.result
    let record = try await host.record("a")
    #expect(record.source.tokenizer == "new" && record.loaded.tokenizer == applied.withLock { $0 })
  }

  @Test("A template that a change is about to set cannot be removed meanwhile") func templateInUse()
    async throws
  {
    let gate = Gate()
    let host = ModelHost(launcher: FakeLauncher(script(gate)), log: silent, patience: .long)
    _ = try await load("a", on: host)
    _ = try await host.putTemplate("mine", .source("x"), ifVersion: nil)
    var change = ModelChange()
    change.tokenizer = "slow"
    change.template = "mine"
    let update = Task { [change] in try await host.update("a", change) }
    await gate.reached.wait()
    let error = await #expect(throws: WorkbenchError.self) {
      try await host.removeTemplate("mine", ifVersion: nil)
    }
    #expect(error?.kind == .failedPrecondition)
    gate.opened.raise()
    #expect(try await update.value.template == "mine")
  }
}
