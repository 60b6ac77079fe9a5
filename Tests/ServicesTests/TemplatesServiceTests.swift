import RPC
import RoleTestSupport
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Templates over the API, without a socket and over one") struct TemplatesServiceTests {
  private func put(_ source: String, ifVersion: UInt32? = nil) -> ProtoPutTemplateRequest {
    .with {
      $0.name = "mine"
      $0.source = source
      if let ifVersion { $0.ifVersion = ifVersion }
    }
  }

  private func render(_ name: String) -> ProtoRenderTemplateRequest {
    .with {
      $0.name = name
      $0.messages = [
        .with {
          $0.role = "user"
          $0.content = "Hi"
        }
      ]
    }
  }

  private let first = "1: {{ messages[0].content }}"
  private let second = "2: {{ messages[0].content }}"

  @Test(
    "A template is put, rendered, replaced, rolled back and removed", arguments: TestDaemon.Depth.allCases)
  func life(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let channel = daemon.channel
      #expect(try await channel.unary(TemplatesMethods.put, put(first, ifVersion: 0)).template.version == 1)
      #expect(try await channel.unary(TemplatesMethods.render, render("mine")).text == "1: Hi")
      #expect(
        try await channel.unary(TemplatesMethods.put, put(second, ifVersion: 1)).template.versions == [1, 2])
      let rendered = try await channel.unary(TemplatesMethods.render, render("mine"))
      #expect(rendered.text == "2: Hi" && rendered.templateVersion == 2)
      #expect(try await channel.unary(TemplatesMethods.render, render("mine@1")).text == "1: Hi")
      let back = try await channel.unary(
        TemplatesMethods.put,
        .with {
          $0.name = "mine"
          $0.version = 1
        })
      #expect(back.template.version == 3)
      let got = try await channel.unary(TemplatesMethods.get, .with { $0.name = "mine" })
      #expect(got.source == first && got.template.origin == "client")
      _ = try await channel.unary(TemplatesMethods.remove, .with { $0.name = "mine" })
      #expect(await daemon.status(TemplatesMethods.get, .with { $0.name = "mine" })?.code == .notFound)
      // A number is not given twice.
      #expect(try await channel.unary(TemplatesMethods.put, put(first)).template.version == 4)
    }
  }

  @Test("A condition on the version refuses whoever comes second", arguments: TestDaemon.Depth.allCases)
  func ifVersion(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.channel.unary(TemplatesMethods.put, put(first))
      for version in [0, 2] as [UInt32] {
        let status = await daemon.status(TemplatesMethods.put, put(second, ifVersion: version))
        #expect(status?.code == .failedPrecondition && status?.field == "if_version")
      }
      let remove = await daemon.status(
        TemplatesMethods.remove,
        .with {
          $0.name = "mine"
          $0.ifVersion = 9
        })
      #expect(remove?.code == .failedPrecondition)
      #expect(try await daemon.channel.unary(TemplatesMethods.render, render("mine")).text == "1: Hi")
    }
  }

  @Test(
    "What does not compile is refused with its place, and changes nothing",
    arguments: TestDaemon.Depth.allCases)
  func broken(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.channel.unary(TemplatesMethods.put, put(first))
      let status = await daemon.status(TemplatesMethods.put, put("a\n{% if %}"))
      #expect(status?.code == .invalidArgument && status?.field == "source")
      #expect(status?.message.contains("line 2") == true)
      let none = await daemon.status(TemplatesMethods.put, .with { $0.name = "mine" })
      #expect(none?.code == .invalidArgument && none?.field == "source")
      let check = try await daemon.channel.unary(TemplatesMethods.check, .with { $0.source = "{% if %}" })
      #expect(check.findings.first?.severity == .error && check.findings.first?.line == 1)
      #expect(try await daemon.channel.unary(TemplatesMethods.render, render("mine")).text == "1: Hi")
    }
  }

  @Test("What ships is listed and cannot be removed", arguments: TestDaemon.Depth.allCases)
  func shipped(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let list = try await daemon.channel.unary(TemplatesMethods.list, .init())
      #expect(list.templates.contains { $0.name == "chatml" && $0.origin == "built-in" })
      #expect(list.modelTemplate.isEmpty)
      let status = await daemon.status(TemplatesMethods.remove, .with { $0.name = "chatml" })
      #expect(status?.code == .failedPrecondition)
      let unnamed = await daemon.status(TemplatesMethods.render, .init())
      #expect(unnamed?.code == .failedPrecondition && unnamed?.field == "template")
    }
  }

  @Test("With a model a rendering is what the model would be fed", arguments: TestDaemon.Depth.allCases)
  func withModel(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load { $0.template = "chatml" }
      var request = render("chatml")
      #expect(try await daemon.channel.unary(TemplatesMethods.render, request).tokenIds.isEmpty)
      request.model = "tiny"
      let rendered = try await daemon.channel.unary(TemplatesMethods.render, request)
      #expect(rendered.tokenIds.first == UInt32(TinyVocabulary.bos) && rendered.tokenIds.count > 2)
      #expect(rendered.spans.map(\.end).last == UInt32(rendered.text.utf8.count))
      let list = try await daemon.channel.unary(TemplatesMethods.list, .with { $0.model = "tiny" })
      #expect(list.modelTemplate == "chatml")
    }
  }
}
