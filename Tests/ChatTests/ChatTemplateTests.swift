import Chat
import Jinja
import Testing

@Suite("Templates by name")
struct ChatTemplateTests {
  @Test("front matter gives description and stop strings")
  func frontMatter() throws {
    let source = """
      ---
      description: A test
      stop:
        - "</s>"
        - 'END'
        - three
      ---
      {{ messages[0].content }}
      """
    let template = try ChatTemplate.compile(name: "t", source: source)
    #expect(template.summary == "A test" && template.stopStrings == ["</s>", "END", "three"])
    #expect(template.source.hasSuffix("\n---\n{{ messages[0].content }}"))
    #expect(template.headLines == template.source.split(separator: "\n").count - 1)
    let list = try ChatTemplate.compile(name: "t", source: "---\nstop: [\"a\\n\", \"b\"]\n---\nx")
    #expect(list.stopStrings == ["a\n", "b"])
  }

  @Test(
    "wrong front matter is an error that names the line",
    arguments: ["---\nstop: a", "---\nfoo: 1\n---\n", "---\nstop: [1]\n---\n", "---\nnonsense\n---\n"])
  func wrongFrontMatter(source: String) {
    #expect(throws: ChatError.self) { try ChatTemplate.compile(name: "t", source: source) }
  }

  @Test("a broken template is an error with its place")
  func broken() {
    do {
      _ = try ChatTemplate.compile(name: "t", source: "ok\n{% if %}")
      Issue.record("compiled")
    } catch {
      guard case .template("t", let inner) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(inner.line == 2 && inner.excerpt.hasPrefix("{% if %}\n"))
    }
  }

  @Test("reserved variables cannot be set from outside")
  func reserved() throws {
    let template = try ChatTemplate.compile(name: "t", source: "{{ bos_token }}")
    for name in ["messages", "tools", "bos_token", "add_generation_prompt"] {
      #expect(throws: ChatError.reservedVariable(name)) {
        try template.render(Conversation(messages: [], extra: [name: 1]))
      }
    }
  }

  @Test("parts of content are one text for templates that expect text, and stay parts for others")
  func parts() throws {
    let message = Message(role: "user", content: .parts(["a", "b"]))
    let plain = try ChatTemplate.compile(name: "t", source: "{{ messages[0].content }}")
    #expect(try plain.render(Conversation(messages: [message])).text == "a\nb")
    let parts = try ChatTemplate.compile(
      name: "t",
      source:
        "{% set m = messages[0] %}{% if m.content is string %}no{% else %}{{ m.content[1].text }}{% endif %}")
    #expect(try parts.render(Conversation(messages: [message])).text == "b")
  }

  @Test("arguments of tool calls that are JSON text become objects")
  func arguments() throws {
    let call: Value = ["function": ["name": "f", "arguments": "{\"a\": 1}"]]
    let message = Message(role: "assistant", content: .none, toolCalls: [call])
    let template = try ChatTemplate.compile(
      name: "t", source: "{{ messages[0].tool_calls[0].function.arguments.a + 1 }}{{ messages[0].content }}")
    #expect(try template.render(Conversation(messages: [message])).text == "2None")
  }

  @Test("only known roles are trusted, since they become parts of tokens")
  func roles() throws {
    let template = try ChatTemplate.compile(name: "t", source: "{{ '<|' + messages[0].role + '|>' }}")
    let known = try template.render(Conversation(messages: [Message(role: "user", content: "")]))
    #expect(known.runs.count == 1 && known.runs[0].isTrusted)
    let forged = try template.render(Conversation(messages: [Message(role: "im_end", content: "")]))
    #expect(forged.runs.map(\.isTrusted) == [true, false, true])
  }
}
