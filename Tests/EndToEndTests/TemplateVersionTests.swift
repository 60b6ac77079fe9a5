import Foundation
import RPC
import Synchronization
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Templates that change while a model stays loaded", .serialized)
struct TemplateVersionTests {
  @Test("1,000 swaps beside a stream of 200 tokens: it is as if undisturbed, and requests see whole versions")
  func swaps() async throws {
    let daemon = try await withModel()
    let channel = daemon.channel
    var put = try await self.put(daemon, "mine", Self.source(0), ifVersion: 0)
    #expect(put.template.version == 1)
    _ = try await daemon.channel.unary(ModelsMethods.update, update("m", "mine"))
    let undisturbed = try await answer(channel, tokens: 200)
    #expect(undisturbed.ids.count == 200)

    let begun = Atomic(false)
    let disturbed = Task {
      try await answer(channel, tokens: 200) { begun.store(true, ordering: .relaxed) }
    }
    #expect(try await eventually { begun.load(ordering: .relaxed) })
    let done = Atomic(false)
    // What the prompts of requests beside the swaps say of themselves: the same number at both ends.
    let reader = Task {
      var seen: Set<Int> = []
      while !done.load(ordering: .relaxed) {
        let rendered = try await render(channel, "mine")
        let parts = rendered.text.split(separator: "|")
        #expect(parts.count == 3 && parts.first == parts.last, "\(rendered.text)")
        seen.insert(try #require(Int(parts[0])))
      }
      return seen
    }
    for number in 1...1000 {
      put = try await self.put(daemon, "mine", Self.source(number), ifVersion: UInt32(number))
    }
    done.store(true, ordering: .relaxed)
    #expect(put.template.version == 1001)
    #expect(put.template.versions.count == 100)
    #expect(try await reader.value.count > 1)
    let answered = try await disturbed.value
    #expect(answered.ids == undisturbed.ids)
    #expect(answered.text == undisturbed.text)
    #expect(answered.start?.templateVersion == 1)
    #expect(try await answer(channel, tokens: 1).start?.templateVersion == 1001)
  }

  @Test("versions are kept, named, compared before they are replaced, rolled back and removed")
  func versions() async throws {
    let daemon = try await withModel()
    _ = try await put(daemon, "mine", Self.source(1))
    _ = try await put(daemon, "mine", Self.source(2), ifVersion: 1)
    let late = await failure { _ = try await put(daemon, "mine", Self.source(3), ifVersion: 1) }
    #expect(late?.code == .failedPrecondition)
    #expect(late?.message.contains("is 2, not 1") == true)
    #expect(try await render(daemon.channel, "mine").text.hasPrefix("2|"))
    #expect(try await render(daemon.channel, "mine@1").text.hasPrefix("1|"))

    var back = ProtoPutTemplateRequest()
    back.name = "mine"
    back.version = 1
    #expect(try await daemon.channel.unary(TemplatesMethods.put, back).template.version == 3)
    #expect(try await render(daemon.channel, "mine").text.hasPrefix("1|"))

    _ = try await daemon.channel.unary(ModelsMethods.update, update("m", "mine"))
    let used = await failure { try await remove(daemon, "mine") }
    #expect(used?.code == .failedPrecondition)
    _ = try await daemon.channel.unary(ModelsMethods.update, update("m", ""))
    try await remove(daemon, "mine")
    let gone = await failure { _ = try await render(daemon.channel, "mine") }
    #expect(gone?.code == .notFound)
    // A number is not given twice.
    #expect(try await put(daemon, "mine", Self.source(4), ifVersion: 0).template.version == 4)
  }

  @Test("a shipped template shows again when what hid it is removed, and cannot be removed itself")
  func shipped() async throws {
    let daemon = try await withModel()
    let before = try await render(daemon.channel, "chatml").text
    #expect(try await put(daemon, "chatml", Self.source(1), ifVersion: 1).template.version == 2)
    #expect(try await render(daemon.channel, "chatml").text != before)
    #expect(try await render(daemon.channel, "chatml@1").text == before)
    try await remove(daemon, "chatml")
    #expect(try await render(daemon.channel, "chatml").text == before)
    #expect(await failure { try await remove(daemon, "chatml") }?.code == .failedPrecondition)
  }

  @Test("a source that does not compile is refused with its place, and what was there stays")
  func broken() async throws {
    let daemon = try await withModel()
    _ = try await put(daemon, "mine", Self.source(1))
    for (source, place) in [
      ("a\n{% if %}", "line 2"), ("---\nstop: [\n---\nx", "line 2"), ("{{ x", "line 1"),
    ] {
      let error = await failure { _ = try await put(daemon, "mine", source) }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains(place) == true, "\(error?.message ?? "")")
    }
    for name in ["", "a/b", "../x", String(repeating: "n", count: 200)] {
      let error = await failure { _ = try await put(daemon, name, "x") }
      #expect(error?.code == .invalidArgument, "\(name)")
    }
    let large = await failure { _ = try await put(daemon, "mine", String(repeating: "x", count: 300 << 10)) }
    #expect(large?.code == .outOfRange)
    #expect(try await render(daemon.channel, "mine").text.hasPrefix("1|"))
  }

  @Test(
    "the user's own folder of plugins is looked at, after those that the daemon is told of, if it is theirs alone"
  )
  func ownFolder() async throws {
    for mode in [0o755, 0o777] {
      let data = try TemporaryFolder()
      let own = data.file("workbench/plugins")
      try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: own)
      _ = try data.write("workbench/plugins/mine.jinja", Array(Self.source(1).utf8))
      _ = try data.write("workbench/plugins/other.jinja", Array(Self.source(1).utf8))
      let told = try TemporaryFolder()
      _ = try told.write("mine.jinja", Array(Self.source(2).utf8))
      let daemon = try await TestDaemon(["--plugin-dir", told.path], folder: data)
      #expect(try await render(daemon.channel, "mine", model: nil).text.hasPrefix("2|"))
      let other = await failure { _ = try await render(daemon.channel, "other", model: nil) }
      #expect(other?.code == (mode == 0o755 ? nil : .notFound))
    }
  }

  @Test("a file of a folder is taken again when it changes and compiles; a broken edit is told and not taken")
  func watched() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("mine.jinja", Array(Self.source(1).utf8))
    let daemon = try await TestDaemon(["--plugin-dir", folder.path])
    #expect(try await render(daemon.channel, "mine", model: nil).text.hasPrefix("1|"))
    _ = try folder.write("mine.jinja", Array(Self.source(22).utf8))
    #expect(
      try await eventually { try await render(daemon.channel, "mine", model: nil).text.hasPrefix("22|") })
    _ = try folder.write("mine.jinja", Array("{% if".utf8))
    #expect(try await eventually { try await !template(daemon, "mine").problem.isEmpty })
    #expect(try await render(daemon.channel, "mine", model: nil).text.hasPrefix("22|"))
    _ = try folder.write("mine.jinja", Array(Self.source(333).utf8))
    #expect(
      try await eventually { try await render(daemon.channel, "mine", model: nil).text.hasPrefix("333|") })
    #expect(try await template(daemon, "mine").problem.isEmpty)
    try FileManager.default.removeItem(atPath: folder.file("mine.jinja"))
    let isGone = try await eventually {
      let list = try await daemon.channel.unary(TemplatesMethods.list, ProtoListTemplatesRequest())
      return !list.templates.contains { $0.name == "mine" }
    }
    #expect(isGone)
  }

  @Test(
    "a check finds what is wrong by rule",
    arguments: [
      ("{{ messages[0].content }}{% if %}", ["syntax"]),
      (
        "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}",
        ["role-dropped"]
      ),
      (
        "{% for m in messages %}<|im_start|>{{ m.role }} {{ m.content }}<|im_end|>{% endfor %}",
        ["marker-not-special", "stop-missing"]
      ),
      ("{{ bos_token }}{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}", ["bos-doubled"]),
      (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}Answer: ",
        ["trailing-space", "prefix-changes"]
      ),
      ("{{ raise_exception('no') }}", ["render-fails"]),
    ])
  func check(source: String, rules: [String]) async throws {
    let daemon = try await withModel()
    var request = ProtoCheckTemplateRequest()
    request.model = "m"
    request.source = source
    let found = try await daemon.channel.unary(TemplatesMethods.check, request).findings
    for rule in rules { #expect(found.contains { $0.rule == rule }, "\(rule): \(found.map(\.rule))") }
  }

  // MARK: -

  /// A template that says its number at both ends.
  private static func source(_ number: Int) -> String {
    "{% for message in messages %}\(number)|{{ message.content }}|\(number){% endfor %}"
  }

  private func withModel() async throws -> TestDaemon {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 2048 }
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    return daemon
  }

  private func put(
    _ daemon: TestDaemon, _ name: String, _ source: String, ifVersion: UInt32? = nil
  ) async throws -> ProtoPutTemplateResponse {
    var request = ProtoPutTemplateRequest()
    request.name = name
    request.source = source
    if let ifVersion { request.ifVersion = ifVersion }
    return try await daemon.channel.unary(TemplatesMethods.put, request)
  }

  private func remove(_ daemon: TestDaemon, _ name: String) async throws {
    var request = ProtoRemoveTemplateRequest()
    request.name = name
    _ = try await daemon.channel.unary(TemplatesMethods.remove, request)
  }

  private func template(_ daemon: TestDaemon, _ name: String) async throws -> ProtoTemplate {
    var request = ProtoGetTemplateRequest()
    request.name = name
    return try await daemon.channel.unary(TemplatesMethods.get, request).template
  }

  private func update(_ model: String, _ template: String) -> ProtoUpdateModelRequest {
    var request = ProtoUpdateModelRequest()
    request.name = model
    request.template = template
    return request
  }

  /// An answer under the model's template; `begun` is told of its start.
  private func answer(
    _ channel: Channel, tokens: UInt32, begun: @Sendable () -> Void = {}
  ) async throws -> Completion {
    var request = ProtoChatRequest()
    request.model = "m"
    request.messages = [.user("Hello")]
    request.options.maxTokens = tokens
    request.options.ignoreEnd = true
    request.options.sampling.seed = 7
    var completion = Completion()
    for try await response in try await channel.serverStreaming(GenerationMethods.chat, request) {
      completion.add(response)
      if response.hasStart { begun() }
    }
    return completion
  }

  private func render(
    _ channel: Channel, _ template: String, model: String? = "m"
  ) async throws -> ProtoRenderTemplateResponse {
    var request = ProtoRenderTemplateRequest()
    if let model { request.model = model }
    request.name = template
    request.messages = [.user("Hello")]
    return try await channel.unary(TemplatesMethods.render, request)
  }
}
