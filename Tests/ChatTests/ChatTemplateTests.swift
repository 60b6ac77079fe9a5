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
    arguments: [
      ("---\nstop: a", 1, "---"), ("---\nfoo: 1\n---\n", 2, "'foo'"), ("---\nstop: [1]\n---\n", 2, "'stop'"),
      ("---\nnonsense\n---\n", 2, "key: value"), ("---\n\nstop: {a: 1}\n---\n", 3, "'stop'"),
      ("---\nstop:\n  a: 1\n---\n", 3, "'stop'"), ("---\nstop:\n- {a: 1}\n---\n", 3, "'stop'"),
      ("---\nstop:\n- [a]\n---\n", 3, "'stop'"), ("---\nstop: 5\n---\n", 2, "'stop'"),
      ("---\nstop: true\n---\n", 2, "'stop'"), ("---\nstop: [\"a\", {\"b\": 1}]\n---\n", 2, "'stop'"),
      ("---\nstop: [a, b\n---\n", 2, "'stop'"), ("---\nstop: \"a\n---\n", 2, "'stop'"),
      ("---\ndescription: {a: 1}\n---\n", 2, "'description'"),
      ("---\ndescription: [a]\n---\n", 2, "'description'"),
      ("---\ndescription: |\n  a\n---\n", 2, "'description'"),
      ("---\ndescription:\n- a\n---\n", 3, "'description'"),
      ("---\ndescription: a\n  b: c\n---\n", 3, "'description'"),
      ("---\ncontent: [parts]\n---\n", 2, "'content'"),
    ])
  func wrongFrontMatter(source: String, line: Int, part: String) {
    let error = #expect(throws: ChatError.self) { try ChatTemplate.compile(name: "t", source: source) }
    guard case .frontMatter(_, line, let problem) = error else {
      Issue.record("\(String(describing: error)) is not about line \(line)")
      return
    }
    #expect(problem.contains(part), "\(problem)")
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

  @Test("a byte order mark in front is no part of a template")
  func byteOrderMark() throws {
    let source = "\u{FEFF}---\nstop: END\n---\n{{ messages|length }}"
    let template = try ChatTemplate.compile(name: "t", source: source)
    #expect(template.stopStrings == ["END"] && template.source.hasPrefix("---"))
    #expect(try template.render(Conversation(messages: [])).text == "0")
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
