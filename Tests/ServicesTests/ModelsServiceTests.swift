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
