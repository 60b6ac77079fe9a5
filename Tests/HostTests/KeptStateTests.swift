import RoleTestSupport
import Runtime
import State
import TestSupport
import Testing

@testable import Host

@Suite("What a host keeps", .timeLimit(.minutes(60))) struct KeptStateTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs `body` with a host that goes on where the one before it ended.
  private func withHost<Result>(
    _ script: FakeWorker.Script = .init(), bytes: Int = StateLimits.fileBytes,
    _ body: (ModelHost) async throws -> Result
  ) async throws -> Result {
    let file = try await StateFile.open(folder.file("state.db"), bytes: bytes)
    let host = ModelHost(launcher: FakeLauncher(script), log: silent, patience: .long)
    _ = try await host.restore(from: file)
    do {
      let result = try await body(host)
      await host.stop()
      await file.close()
      return result
    } catch {
      await host.stop()
      await file.close()
      throw error
    }
  }

  private func load(
    _ name: String, on host: ModelHost, template: String? = nil, tokenizer: String? = nil,
    isConfigured: Bool = false
  ) async throws -> ModelRecord {
    var source = ModelSource(path: "/m/\(name).gguf")
    source.tokenizer = tokenizer
    return try await host.load(source, name: name, template: template, isConfigured: isConfigured) { _ in }
  }

  private func change(_ body: (inout ModelChange) -> Void) -> ModelChange {
    var change = ModelChange()
    body(&change)
    return change
  }

  @Test("Templates are there again with all their versions, and no number is used twice") func templates()
    async throws
  {
    try await withHost { host async throws in
      #expect(await host.keepsState)
      for source in ["one", "two", "three"] {
        _ = try await host.putTemplate("mine", .source(source), ifVersion: nil)
      }
      _ = try await host.putTemplate("mine", .version(1), ifVersion: 3)
      _ = try await host.putTemplate("chatml", .source("other"), ifVersion: nil)
      _ = try await host.putTemplate("gone", .source("x"), ifVersion: nil)
      #expect(try await host.removeTemplate("gone", ifVersion: 1) == false)
    }
    try await withHost { host async throws in
      let mine = try await host.template("mine", model: nil)
      #expect(
        mine.versions == [1, 2, 3, 4] && mine.template.source == "one" && mine.template.origin == .client)
      #expect(try await host.template("mine@2", model: nil).template.source == "two")
      #expect(try await host.template("chatml", model: nil).versions == [1, 2])
      #expect(try await host.template("chatml", model: nil).template.source == "other")
      await #expect(throws: WorkbenchError.self) { _ = try await host.template("gone", model: nil) }
      #expect(try await host.putTemplate("gone", .source("y"), ifVersion: 0).record.versions == [2])
      try await host.removeTemplate("chatml", ifVersion: nil)
    }
    try await withHost { host async throws in
      #expect(try await host.template("chatml", model: nil).template.origin == .builtIn)
      #expect(try await host.template("gone", model: nil).versions == [2])
    }
  }

  @Test("What is dropped at the limit of versions is dropped from the file too") func trimmed() async throws {
    let count = HostLimits.templateVersions + 3
    try await withHost { host async throws in
      for number in 1...count { _ = try await host.putTemplate("m", .source("\(number)"), ifVersion: nil) }
    }
    try await withHost { host async throws in
      #expect(try await host.template("m", model: nil).versions == Array(4...count))
    }
  }

  @Test(
    "A name of ours that ships later does not hide what was put under it, and comes back when that is removed"
  )
  func shippedLater() async throws {
    let file = try await StateFile.open(folder.file("state.db"))
    var version = TemplateSource(name: "alpaca", source: "theirs", origin: .client)
    version.version = 1
    try await file.save(.init(name: "alpaca", newest: 1, fileText: nil, versions: [version]), before: [])
    await file.close()
    try await withHost { host async throws in
      #expect(try await host.template("alpaca", model: nil).template.source == "theirs")
      try await host.removeTemplate("alpaca", ifVersion: 1)
      let shipped = try await host.template("alpaca", model: nil)
      #expect(shipped.template.origin == .builtIn && shipped.versions == [2])
    }
  }

  @Test("A file that is the same after a restart is no new version, and does not hide what was put over it")
  func files() async throws {
    func edit(_ text: String) -> [WatchedFiles.Change] {
      [.edited(name: "f", path: "/p/f.jinja", text: text)]
    }
    try await withHost { host async throws in
      #expect(await host.take(edit("file")).isEmpty)
      _ = try await host.putTemplate("f", .source("put"), ifVersion: 1)
      #expect(await host.take([.edited(name: "g", path: "/p/g.jinja", text: "g")]).isEmpty)
      #expect(try await host.removeTemplate("g", ifVersion: nil) == false, "it does not come back")
    }
    try await withHost { host async throws in
      _ = await host.take(edit("file") + [.edited(name: "g", path: "/p/g.jinja", text: "g")])
      await host.forgetFiles(except: ["f", "g"])
      #expect(try await host.template("f", model: nil).versions == [1, 2])
      #expect(try await host.template("f", model: nil).template.source == "put")
      await #expect(throws: WorkbenchError.self) { _ = try await host.template("g", model: nil) }
      // Saved again while the daemon runs, it is meant.
      _ = await host.take(edit("file"))
      #expect(try await host.template("f", model: nil).versions == [1, 2, 3])
    }
    try await withHost { host async throws in
      _ = await host.take(edit("changed meanwhile"))
      await host.forgetFiles(except: ["f"])
      #expect(try await host.template("f", model: nil).template.source == "changed meanwhile")
    }
    try await withHost { host async throws in
      await host.forgetFiles(except: [])
      #expect(try await host.template("f", model: nil).versions == [2], "only what was put is left")
    }
  }

  @Test("What was set for a model applies again to a model of its name") func settings() async throws {
    try await withHost { host async throws in
      _ = try await host.putTemplate("mine", .source("x"), ifVersion: 0)
      _ = try await load("a", on: host)
      _ = try await host.update(
        "a",
        change {
          $0.template = "mine@1"
          $0.tokenizer = "theirs"
          $0.preset = "default"
          $0.profile = "synthia-7b-v1.3"
        })
      try await host.unload("a")
      let again = try await load("a", on: host)
      #expect(again.template == "mine@1" && again.preset == "default" && again.source.tokenizer == "theirs")
    }
    try await withHost { host async throws in
      let kept = try await load("a", on: host)
      #expect(kept.template == "mine@1" && kept.preset == "default" && kept.loaded.tokenizer == "theirs")
      #expect(kept.profile == "synthia-7b-v1.3" && kept.setAside.isEmpty)
      #expect(try await load("b", on: host).template == "")
      try await host.unload("a")
      // What a load says itself comes first; an empty text is the model's own.
      let given = try await load("a", on: host, template: "chatml", tokenizer: "")
      #expect(given.template == "chatml" && given.source.tokenizer == nil && given.preset == "default")
      #expect(given.profile == "synthia-7b-v1.3")
      try await host.unload("a")
      let configured = try await load("a", on: host, template: "chatml", isConfigured: true)
      #expect(configured.template == "mine@1", "set later than the configuration was written")
      _ = try await host.update(
        "a",
        change {
          $0.template = ""
          $0.profile = "none"
        })
    }
    try await withHost { host async throws in
      let configured = try await load("a", on: host, template: "chatml", isConfigured: true)
      #expect(configured.template == "" && configured.profile == "", "the resets were kept too")
    }
  }

  @Test("A setting that has become useless is named, and does not keep the model from loading")
  func setAside()
    async throws
  {
    try await withHost { host async throws in
      _ = await host.take([.edited(name: "f", path: "/p/f.jinja", text: "file")])
      await host.takePresets([.edited(name: "careful", path: "/p", text: "temperature: 0.5")])
      _ = await host.takeProfiles([.edited(name: "card", path: "/p", text: "system: S")])
      _ = try await load("a", on: host)
      _ = try await host.update(
        "a",
        change {
          $0.template = "f"
          $0.preset = "careful"
          $0.profile = "card"
        })
    }
    try await withHost { host async throws in
      await host.forgetFiles(except: [])
      let record = try await load("a", on: host)
      #expect(record.template == "" && record.preset == "" && record.profile == "")
      #expect(record.setAside.count == 3)
      #expect(record.setAside.contains { $0.contains("template 'f'") })
      #expect(record.setAside.contains { $0.contains("preset 'careful'") })
      #expect(record.setAside.contains { $0.contains("profile 'card'") })
    }
    try await withHost { host async throws in
      _ = await host.take([.edited(name: "f", path: "/p/f.jinja", text: "back")])
      #expect(try await load("a", on: host).template == "f", "it was not forgotten")
    }
  }

  @Test("A tokenizer that cannot be used any more is named by the load that fails") func tokenizer()
    async throws
  {
    try await withHost { host async throws in
      _ = try await load("a", on: host)
      _ = try await host.update("a", change { $0.tokenizer = "/t.json" })
    }
    var script = FakeWorker.Script()
    script.load = { _, source in
      if source.tokenizer != nil { throw WorkbenchError(.notFound, "no such file", field: "tokenizer") }
      return LoadedModel()
    }
    try await withHost(script) { host async throws in
      let error = await #expect(throws: WorkbenchError.self) { _ = try await load("a", on: host) }
      #expect(error?.message.contains("'/t.json' was set as its tokenizer earlier") == true)
      #expect(try await load("a", on: host, tokenizer: "").state == .ready)
    }
  }

  @Test("What cannot be kept is not used either") func full() async throws {
    try await withHost { host async throws in
      _ = try await host.putTemplate("m", .source("small"), ifVersion: 0)
      _ = try await load("a", on: host)
    }
    // No room for anything more.
    try await withHost(bytes: 4_096) { host async throws in
      _ = try await load("a", on: host)
      let large = String(repeating: "x", count: 200_000)
      let put = await #expect(throws: WorkbenchError.self) {
        _ = try await host.putTemplate("m", .source(large), ifVersion: nil)
      }
      #expect(put?.kind == .resourceExhausted)
      #expect(try await host.template("m", model: nil).versions == [1])
      let update = await #expect(throws: WorkbenchError.self) {
        _ = try await host.update(
          "a",
          change {
            $0.template = "m"
            $0.tokenizer = large
          })
      }
      #expect(update?.kind == .resourceExhausted)
      let record = try await host.record("a")
      #expect(record.template == "" && record.source.tokenizer == nil && record.loaded.tokenizer == "own")
      #expect(try await host.putTemplate("m", .source("two"), ifVersion: 1).record.versions == [1, 2])
    }
  }

  @Test("Puts at the same time are kept in the order in which they came into use") func order() async throws {
    try await withHost { host async throws in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          group.addTask { _ = try await host.putTemplate("m", .source("\(number)"), ifVersion: nil) }
        }
        try await group.waitForAll()
      }
    }
    let (sources, before) = try await withHost { host async throws in
      var sources: [String] = []
      for version in 1...40 {
        sources.append(try await host.template("m@\(version)", model: nil).template.source)
      }
      return (sources, try await host.template("m", model: nil).versions)
    }
    #expect(Set(sources).count == 40 && before == Array(1...40))
  }
}
