import Foundation
import Glibc
import Host
import RPC
import RoleTestSupport
import Runtime
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Models over the API, without a socket and over one") struct ModelsServiceTests {
  @Test("A load reports progress that never falls, then the model", arguments: TestDaemon.Depth.allCases)
  func load(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let events = try await daemon.load { $0.contextLength = 64 }
      let fractions = events.dropLast().map(\.progress.fraction)
      #expect(fractions == fractions.sorted() && fractions.allSatisfy { (0...1).contains($0) })
      let model = try #require(events.last).model
      #expect(model.name == "tiny" && model.state == .ready && model.title == "tiny")
      #expect(model.contextLength == 64 && model.vocabularySize == 300 && model.layerCount == 2)
      #expect(model.workerPid != 0 && model.restarts == 0 && model.hasLoadedAt)

      let list = try await daemon.channel.unary(ModelsMethods.list, .init())
      #expect(list.models.map(\.name) == ["tiny"])
      let got = try await daemon.channel.unary(ModelsMethods.get, .with { $0.name = "tiny" })
      #expect(got.model.path == model.path && got.model.hasEngine)
      #expect(got.metadata["general.architecture"]?.contains("llama") == true)

      _ = try await daemon.channel.unary(ModelsMethods.unload, .with { $0.name = "tiny" })
      #expect(try await daemon.channel.unary(ModelsMethods.list, .init()).models.isEmpty)
      #expect(daemon.launcher.workers.allSatisfy { !$0.isAlive })
    }
  }

  @Test("Refused loads name the field and leave nothing behind", arguments: TestDaemon.Depth.allCases)
  func refused(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let missing = await daemon.streamStatus(ModelsMethods.load, .init())
      #expect(missing?.code == .invalidArgument && missing?.field == "path")
      let nowhere = await daemon.streamStatus(
        ModelsMethods.load, .with { $0.path = daemon.folder.file("none.gguf") })
      #expect(nowhere?.code == .notFound && nowhere?.field == "path")
      let noise = try daemon.folder.write("noise.gguf", Array("not a model at all".utf8))
      let foreign = await daemon.streamStatus(ModelsMethods.load, .with { $0.path = noise })
      #expect(foreign?.code == .invalidArgument && foreign?.message.contains(noise) == true)
      let name = await daemon.streamStatus(
        ModelsMethods.load,
        .with {
          $0.path = noise
          $0.name = "a\nb"
        })
      #expect(name?.code == .invalidArgument && name?.field == "name")
      #expect(try await daemon.channel.unary(ModelsMethods.list, .init()).models.isEmpty)
      // Workers that refused a file are used again.
      #expect(daemon.launcher.workers.count == 1)
    }
  }

  @Test(
    "What is wrong with the options shows before the weights are packed", arguments: TestDaemon.Depth.allCases
  )
  func options(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let path = daemon.folder.file("m.gguf")
      try TinyModel.write(to: path)
      let wrong: [(field: String, change: @Sendable (inout ProtoLoadModelRequest) -> Void)] = [
        ("template", { $0.template = "nosuch" }), ("template", { $0.template = "chatml@9" }),
        ("preset", { $0.preset = "nosuch" }), ("tokenizer", { $0.tokenizer = "/no/such/file" }),
        ("threads", { $0.threads = 500 }), ("threads", { $0.threads = 0 }),
        ("max_sequences", { $0.maxSequences = 100_000 }), ("max_sequences", { $0.maxSequences = 0 }),
        ("cache_type", { $0.cacheType = "f8" }), ("cache_bytes", { $0.cacheBytes = 1 }),
        ("cache", { $0.cacheBytes = 1 << 50 }), ("context_length", { $0.contextLength = 1 << 30 }),
        ("name", { $0.name = "a b" }), ("name", { $0.name = "a\u{202e}b" }),
      ]
      for (field, change) in wrong {
        var request = ProtoLoadModelRequest()
        request.path = path
        request.name = "m"
        change(&request)
        var stages: Set<String> = []
        let error = await #expect(throws: RPCError.self) {
          for try await event in try await daemon.channel.serverStreaming(ModelsMethods.load, request) {
            stages.insert(event.progress.stage)
          }
        }
        #expect(error?.message.contains(field) == true, "\(field): \(error?.message ?? "none")")
        #expect(!stages.contains("packing weights"), "\(field)")
      }
      #expect(try await daemon.channel.unary(ModelsMethods.list, .init()).models.isEmpty)
    }
  }

  @Test(
    "A change says that it is lost when a daemon without a state file ends",
    arguments: TestDaemon.Depth.allCases)
  func untilRestart(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      let put = try await daemon.channel.unary(
        TemplatesMethods.put,
        .with {
          $0.name = "mine"
          $0.source = "{{ messages[0].content }}"
        })
      #expect(put.untilRestart)
      let update = try await daemon.channel.unary(
        ModelsMethods.update,
        .with {
          $0.name = "tiny"
          $0.template = "mine"
        })
      #expect(update.untilRestart)
      _ = try await daemon.channel.unary(
        ModelsMethods.update,
        .with {
          $0.name = "tiny"
          $0.template = ""
        })
      let removed = try await daemon.channel.unary(TemplatesMethods.remove, .with { $0.name = "mine" })
      #expect(!removed.untilRestart, "it would not have come back anyway")
      let file = WatchedFiles.Change.edited(
        name: "filed", path: "/p/filed.jinja", text: "{{ messages[0].content }}")
      #expect(await daemon.host.take([file]).isEmpty)
      let filed = try await daemon.channel.unary(TemplatesMethods.remove, .with { $0.name = "filed" })
      #expect(filed.untilRestart, "its file is still there")
    }
  }

  @Test("With a state file no change says so", arguments: TestDaemon.Depth.allCases)
  func kept(depth: TestDaemon.Depth) async throws {
    let folder = try TemporaryFolder()
    try await TestDaemon.run(depth, statePath: folder.file("state.db")) { daemon in
      _ = try await daemon.load()
      let put = try await daemon.channel.unary(
        TemplatesMethods.put,
        .with {
          $0.name = "mine"
          $0.source = "{{ messages[0].content }}"
        })
      #expect(!put.untilRestart)
      let update = try await daemon.channel.unary(
        ModelsMethods.update,
        .with {
          $0.name = "tiny"
          $0.template = "mine"
        })
      #expect(!update.untilRestart)
      let status = try await daemon.channel.unary(DaemonMethods.status, .init())
      #expect(status.state.path == folder.file("state.db") && status.state.bytes > 0)
    }
    try await TestDaemon.run(depth, statePath: folder.file("state.db")) { daemon in
      let loaded = try await daemon.load()
      #expect(loaded.last?.model.template == "mine")
    }
  }

  @Test(
    "A model whose file changes does not answer any more, and says so until it is loaded again",
    arguments: TestDaemon.Depth.allCases, FileChange.allCases)
  func changedFile(depth: TestDaemon.Depth, change: FileChange) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      let path = daemon.folder.file("tiny.gguf")
      _ = try await daemon.all(GenerationMethods.generate, generation())
      try change.apply(to: path)
      let status = await daemon.streamStatus(GenerationMethods.generate, generation())
      #expect(status?.code == .dataLoss && status?.message.contains("changed") == true)
      // Its process ends itself when it sees that, and a fresh one would load another model than before.
      daemon.launcher.workers.last?.die(.changedFile)
      for _ in 0..<2 {
        let later = await daemon.streamStatus(GenerationMethods.generate, generation())
        #expect(later?.code == .dataLoss && later?.message.contains("load it again") == true)
      }
      let model = try await daemon.channel.unary(ModelsMethods.get, .with { $0.name = "tiny" }).model
      #expect(model.state == .down && model.lastFailure.contains("changed"))
      let again = try #require(try await daemon.load().last).model
      #expect(again.state == .ready && again.lastFailure.isEmpty)
      _ = try await daemon.all(GenerationMethods.generate, generation())
    }
  }

  @Test("A fresh worker does not load another file than the one before", arguments: FileChange.allCases)
  func replacedBetweenWorkers(change: FileChange) async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      _ = try await daemon.load()
      daemon.launcher.workers.last?.die(.signal(9))
      try change.apply(to: daemon.folder.file("tiny.gguf"))
      let status = await daemon.streamStatus(GenerationMethods.generate, generation())
      #expect(status?.code == .dataLoss, "\(String(describing: status))")
      let model = try await daemon.channel.unary(ModelsMethods.get, .with { $0.name = "tiny" }).model
      #expect(model.state == .down && !model.lastFailure.isEmpty)
      _ = try await daemon.load()
      _ = try await daemon.all(GenerationMethods.generate, generation())
    }
  }

  @Test("A name is given once; an unknown one is not found", arguments: TestDaemon.Depth.allCases)
  func names(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      let path = daemon.folder.file("tiny.gguf")
      let again = await daemon.streamStatus(ModelsMethods.load, .with { $0.path = path })
      #expect(again?.code == .alreadyExists && again?.field == "name")
      let get = await daemon.status(ModelsMethods.get, .with { $0.name = "other" })
      #expect(get?.code == .notFound && get?.message.contains("tiny") == true)
      let unload = await daemon.status(ModelsMethods.unload, .with { $0.name = "other" })
      #expect(unload?.code == .notFound)
    }
  }

  @Test("An update changes template and preset together, or neither", arguments: TestDaemon.Depth.allCases)
  func update(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      var change = ProtoUpdateModelRequest()
      change.name = "tiny"
      change.template = "chatml"
      change.preset = "default"
      let updated = try await daemon.channel.unary(ModelsMethods.update, change).model
      #expect(updated.template == "chatml" && updated.preset == "default")
      change.template = "vicuna"
      change.preset = "none such"
      let refused = await daemon.status(ModelsMethods.update, change)
      #expect(refused?.code == .notFound && refused?.field == "preset")
      change.preset = "default"
      change.tokenizer = daemon.folder.file("missing.json")
      #expect(await daemon.status(ModelsMethods.update, change) != nil)
      let kept = try await daemon.channel.unary(ModelsMethods.get, .with { $0.name = "tiny" }).model
      #expect(kept.template == "chatml" && kept.preset == "default" && kept.tokenizerSource.isEmpty)
      let reset = try await daemon.channel.unary(
        ModelsMethods.update,
        .with {
          $0.name = "tiny"
          $0.template = ""
        })
      #expect(reset.model.template != "chatml" && reset.model.preset == "default")
    }
  }

  @Test("A model whose worker died is down, and the next request brings it back") func death() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      _ = try await daemon.load()
      let before = try await daemon.all(GenerationMethods.generate, generation())
      daemon.launcher.workers.last?.die(.signal(11))
      let down = await eventually {
        let model = try? await daemon.channel.unary(ModelsMethods.get, .with { $0.name = "tiny" }).model
        return model?.state == .down && model?.restarts == 0 && model?.lastFailure.contains("SIGSEGV") == true
      }
      #expect(down)
      let after = try await daemon.all(GenerationMethods.generate, generation())
      #expect(after.flatMap(\.tokens).map(\.id) == before.flatMap(\.tokens).map(\.id))
      #expect(daemon.launcher.workers.count == 2)
      let restarted = await eventually {
        let model = try? await daemon.channel.unary(ModelsMethods.get, .with { $0.name = "tiny" }).model
        return model?.restarts == 1
      }
      #expect(restarted)
    }
  }
}

/// Ways in which the file of a loaded model becomes another one.
enum FileChange: String, CaseIterable, Sendable {
  /// Other content of the same size.
  case overwritten
  /// The same with the times put back.
  case backdated
  /// More bytes at the end.
  case longer

  func apply(to path: String) throws {
    var before = stat()
    guard stat(path, &before) == 0 else { throw CocoaError(.fileNoSuchFile) }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    let end = try file.seekToEnd()
    if self != .longer { try file.seek(toOffset: end - 4) }
    try file.write(contentsOf: Data([1, 2, 3, 4]))
    guard self == .backdated else { return }
    var times = [before.st_atim, before.st_mtim]
    guard utimensat(AT_FDCWD, path, &times, 0) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}
