import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("What a template cannot do is told before it is used") struct TemplateRefusalTests {
  private static let good =
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}{% endfor %}"

  private func put(
    _ daemon: TestDaemon, _ source: String, name: String = "mine", force: Bool = false
  ) async throws -> UInt32 {
    var request = ProtoPutTemplateRequest()
    request.name = name
    request.source = source
    request.force = force
    return try await daemon.channel.unary(TemplatesMethods.put, request).template.version
  }

  private func render(
    _ daemon: TestDaemon, _ change: (inout ProtoRenderTemplateRequest) -> Void = { _ in }
  ) async throws -> String {
    var request = ProtoRenderTemplateRequest()
    request.name = "mine"
    request.messages = [.user("Hello")]
    change(&request)
    return try await daemon.channel.unary(TemplatesMethods.render, request).text
  }

  private func refusal(_ body: () async throws -> some Any) async -> String {
    do {
      _ = try await body()
      return "no error"
    } catch {
      return (error as? RPCError).map { "\($0.code) \($0.message)" } ?? "\(error)"
    }
  }

  @Test(
    "A template that does not compile or cannot render one message is refused, and the live one stays",
    arguments: [
      ("{{ messages | nosuchfilter }}", "nosuchfilter", false),
      ("{{ 1 is nosuchtest }}", "nosuchtest", false),
      ("{{ nosuchfunction() }}", "nosuchfunction", false), ("{% if", "line 1", false),
      ("{{ raise_exception('never') }}", "never", true),
      ("{{ messages[7].content.strip() }}", "line 1", true),
    ])
  func put(source: String, words: String, canBeForced: Bool) async throws {
    let daemon = try await TestDaemon()
    #expect(try await put(daemon, Self.good) == 1)
    let refusal = await refusal { try await put(daemon, source) }
    #expect(refusal.contains("invalidArgument") && refusal.contains(words), "\(refusal)")
    #expect(try await render(daemon) == "<user>Hello")
    guard canBeForced else {
      #expect(await self.refusal { try await put(daemon, source, force: true) }.contains("invalidArgument"))
      return
    }
    #expect(try await put(daemon, source, force: true) == 2)
  }

  @Test("A wrong name is told as the name") func name() async throws {
    let daemon = try await TestDaemon()
    do {
      _ = try await put(daemon, Self.good, name: "a b")
      Issue.record("no error")
    } catch let error as RPCError {
      #expect(error.code == .invalidArgument && error.message.contains("template's name"), "\(error.message)")
    }
  }

  @Test("Tools and variables that the template never reads are an error, unless it is told otherwise")
  func unused() async throws {
    let daemon = try await TestDaemon()
    _ = try await put(daemon, Self.good)
    let tools = #"[{"type": "function", "function": {"name": "tides"}}]"#
    let refused = await refusal { try await render(daemon) { $0.toolsJson = tools } }
    #expect(refused.contains("tools") && refused.contains("mine"), "\(refused)")
    let variable = await refusal { try await render(daemon) { $0.variablesJson = #"{"mood": 1}"# } }
    #expect(variable.contains("mood"), "\(variable)")
    let accepted = try await render(daemon) {
      $0.toolsJson = tools
      $0.ignoreUnused = true
    }
    #expect(accepted == "<user>Hello")
  }

  @Test("Content in parts reaches the template as parts, and as text where it wants text")
  func parts() async throws {
    let daemon = try await TestDaemon()
    let parts = #"[{"type": "text", "text": "first"}, {"type": "text", "text": "second"}]"#
    let walks = "{% for m in messages %}{% for part in m.content %}{{ part.text }};{% endfor %}{% endfor %}"
    for (source, text) in [(walks, "first;second;"), (Self.good, "<user>first\nsecond")] {
      _ = try await put(daemon, source, force: true)
      let found = try await render(daemon) { request in
        var message = ProtoMessage()
        message.role = "user"
        message.contentJson = parts
        request.messages = [message]
      }
      #expect(found == text)
    }
  }
}
