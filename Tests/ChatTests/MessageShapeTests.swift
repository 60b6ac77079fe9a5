import Chat
import Jinja
import Testing

@Suite("Messages of every shape against transformers")
struct MessageShapeTests {
  private static let count = ((try? Fixture.lines("messages.jsonl")) ?? []).count

  /// A message as a client sends it: what the API has no field for is an extra, null included.
  private func message(_ value: Value) throws -> Message {
    guard case .dict(let fields) = value else { throw ChatError.invalidName("no message") }
    var message = Message(role: value["role"]?.string ?? "", content: .none)
    for (key, value) in fields.entries where key != "role" {
      switch (key, value) {
      case ("content", .string(let text, _)): message.content = .text(text)
      case ("content", .list(let parts)): message.content = .parts(parts)
      case ("name", .string(let name, _)): message.name = name
      case ("tool_calls", .list): message.toolCalls = value
      default: message.extras[key] = value
      }
    }
    return message
  }

  @Test("each reaches the template as transformers hands it over")
  func shapes() throws {
    #expect(Self.count > 190)
    for item in try Fixture.lines("messages.jsonl") {
      guard let source = item["source"]?.string, let name = item["template"]?.string,
        let json = item["messages"]?.string, case .list(let values) = try Value(json: json)
      else {
        Issue.record("the fixture is not what it should be")
        continue
      }
      // Where content in parts is printed, transformers prints a list of Python.
      let hasParts = values.contains { if case .list = $0["content"] { true } else { false } }
      if name == "printed", hasParts { continue }
      let template = try ChatTemplate.compile(name: "t", source: source)
      let messages = try values.map { try message($0) }
      let found = try? template.render(Conversation(messages: messages)).text
      #expect(found == item["out"]?.string, "\(name): \(json)")
    }
  }

  /// Templates that know text only, in all the ways in which they use it.
  private static let textTemplates = [
    "{{ c }}", "{{ c|trim }}", "{{ c.strip() }}", "{{ '<' + c + '>' }}", "{{ c + '>' }}",
    "{{ 'a' ~ c ~ 'b' }}",
    "{% set x = c %}{{ x }}", "{{ c|upper }}{{ c|replace('o', '0') }}", "{{ c.split('\\n')[-1] }}",
    "{{ c.startswith('one') }}{{ c.endswith('x') }}",
    "{{ 'two' in c }}{{ 'three' in c }}{{ 'zwei' not in c }}",
    "{{ c|string|length }}", "{{ '%s!' % c }}{{ '{}?'.format(c) }}", "{{ c|indent(2) }}",
    "{{ c if c else 'none' }}",
    "{% set ns = namespace(a='') %}{% set ns.a = ns.a + c %}{{ ns.a }}",
    "{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(c) }}",
    "{% set x %}{{ c }}{% endset %}{{ x }}", "{% filter upper %}{{ c }}{% endfilter %}",
    "{{ c.rstrip('o') + '\\n' }}",
    "{{ (c + 'x').count('o') }}", "{{ c is defined and c is not none }}", "{{ c|e }}{{ c|wordcount }}",
  ]

  @Test(
    "Content in parts is one text, a line each, wherever a template uses it as a string",
    arguments: textTemplates)
  func joined(use: String) throws {
    let source = "{% set c = messages[0].content %}" + use
    let template = try ChatTemplate.compile(name: "t", source: source)
    let parts = Message.Content.parts([["type": "text", "text": "one"], ["type": "text", "text": "two"]])
    func text(_ content: Message.Content) throws -> String {
      try template.render(Conversation(messages: [Message(role: "user", content: content)])).text
    }
    #expect(try text(parts) == text(.text("one\ntwo")), "\(source)")
  }

  @Test("The joined text keeps the origins of its parts, line breaks included")
  func origins() throws {
    let template = try ChatTemplate.compile(name: "t", source: "<{{ messages[0].content }}>")
    let message = Message(role: "user", content: .parts([["text": "a"], "b"]))
    let prompt = try template.render(Conversation(messages: [message]))
    #expect(prompt.text == "<a\nb>" && prompt.runs.map(\.isTrusted) == [true, false, true])
    #expect(prompt.spans.contains { $0.source == "messages[0].content[0].text" })
  }

  @Test("A part without text is an error of a template that wants text, and names the part")
  func partWithoutText() throws {
    let template = try ChatTemplate.compile(name: "t", source: "{{ messages[0].content }}")
    let message = Message(role: "user", content: .parts([["type": "text", "text": "a"], ["type": "image"]]))
    let error = #expect(throws: ChatError.self) { try template.render(Conversation(messages: [message])) }
    #expect(error.map { "\($0)" }?.contains("part 1 is of type 'image'") == true)
  }

  @Test("Front matter can ask for one text, or for parts")
  func format() throws {
    func render(_ format: String, _ content: Message.Content) throws -> String {
      let source =
        "---\ncontent: \(format)\n---\n{{ messages[0].content is string }} {{ messages[0].content|tojson }}"
      return try ChatTemplate.compile(name: "t", source: source)
        .render(Conversation(messages: [Message(role: "user", content: content)])).text
    }
    #expect(try render("text", .parts([["text": "a"], ["text": "b"]])) == #"True "a\nb""#)
    #expect(try render("parts", .text("a")) == #"False [{"type": "text", "text": "a"}]"#)
  }

  @Test("What the caller gives is told by name, unless it says nothing")
  func given() throws {
    let conversation = Conversation(
      messages: [], tools: [["x": 1]], extra: ["b": 1, "a": false, "documents": nil])
    #expect(conversation.given == ["tools", "a", "b"])
    #expect(Conversation(messages: [], tools: []).given.isEmpty)
  }
}
