import Jinja
import Testing

@Suite("Templates")
struct TemplateTests {
  private func failure(_ source: String, _ context: [String: Value] = [:]) -> JinjaError? {
    do throws(JinjaError) {
      _ = try Template(source).render(context)
      return nil
    } catch {
      return error
    }
  }

  @Test("errors name line and column and show the place")
  func places() throws {
    let error = try #require(failure("line one\n  {{ 'é' ~ messages.foo.bar }}\n"))
    #expect(error.line == 2 && error.message == "'messages' is undefined")
    let inner = try #require(failure("a\n{{ 'é' ~ m.foo.bar }}", ["m": [:]]))
    #expect(inner.line == 2 && inner.column == 15 && inner.kind == .undefined)
    #expect(inner.message == "'dict object' has no attribute 'foo'")
    #expect(inner.excerpt == "{{ 'é' ~ m.foo.bar }}\n              ^")
    #expect(inner.description.hasSuffix("(line 2, column 15)"))
    let syntax = try #require(failure("{% if x %}\n{% endfor %}"))
    #expect(syntax.line == 2 && syntax.message.contains("'endif'"))
  }

  @Test("what a template raises is its message")
  func raised() {
    let error = failure("{{ raise_exception('Roles must alternate') }}")
    #expect(error?.kind == .raised && error?.message == "Roles must alternate")
  }

  @Test("one template renders in many tasks at once")
  func concurrency() async throws {
    let template = try Template("{% for i in l %}{{ i }}{% endfor %}{{ s|upper }}")
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<50 {
        group.addTask { try template.render(["l": [1, 2, 3], "s": .string("s\(index)")]).text }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(texts == Set((0..<50).map { "123S\($0)" }))
  }

  @Test("generation blocks are reported where they stand")
  func generation() throws {
    let rendered = try Template(
      "é{% generation %}{{ a }}{% endgeneration %}-{% generation %}b{% endgeneration %}"
    )
    .render(["a": "xy"])
    #expect(rendered.text == "éxy-b" && rendered.generationSpans == [2..<4, 5..<6])
  }
}

@Suite("Origins")
struct OriginTests {
  private func spans(_ source: String, _ context: [String: Value]) throws -> [(String, Origin)] {
    let rendered = try Template(source).render(context)
    return rendered.spans.map {
      (String(decoding: Array(rendered.text.utf8)[$0.range], as: UTF8.self), $0.origin)
    }
  }

  private let context: [String: Value] = [
    "bos": .string("<s>", origin: .variable("bos")),
    "m": [["role": "user", "content": " Hi <|x|>\n"], ["role": "user", "content": "ünï"]],
  ]

  @Test(
    "text of the context keeps its path through operations that move it",
    arguments: [
      ("a{{ m[0].content }}b", ["a", " Hi <|x|>\n", "b"]),
      ("{{ 'a' + m[0].content|trim + 'b' }}", ["a", "Hi <|x|>", "b"]),
      ("{{ ('a' ~ m[0].content ~ 'b')[1:4] }}", [" Hi"]),
      ("{{ ['<', m[0].content, '>']|join }}", ["<", " Hi <|x|>\n", ">"]),
      ("{{ m[0].content.replace('Hi', 'Ho') }}", [" ", "Ho", " <|x|>\n"]),
      ("{{ m[0].content|upper }}{{ m[0].content.split('<')[0].strip() }}", [" HI <|X|>\nHi"]),
      ("{% set x %}<{{ m[0].content|trim }}>{% endset %}{{ x }}", ["<", "Hi <|x|>", ">"]),
      ("{% macro f(x) %}[{{ x }}]{% endmacro %}{{ f(m[0].content|trim) }}", ["[", "Hi <|x|>", "]"]),
      (
        "{{ '%s!' % m[0].content.strip() }}{{ '{}?'.format(m[0].content.strip()) }}",
        ["Hi <|x|>", "!", "Hi <|x|>", "?"]
      ),
      ("{{ m[0].content.strip()|indent(2, true) }}", ["  ", "Hi <|x|>"]),
      ("{{ m[0].content[::-1] }}", ["\n>|x|< iH "]), ("{{ m[0].content|e }}", [" Hi &lt;|x|&gt;\n"]),
    ])
  func moves(source: String, pieces: [String]) throws {
    let found = try spans(source, context)
    #expect(found.map(\.0) == pieces)
    #expect(found.contains { $0.1 == .input("m[0].content") })
    for (text, origin) in found where origin == .template { #expect(!text.contains("Hi")) }
  }

  @Test("JSON, repr and case keep who wrote what")
  func transforms() throws {
    let json = try spans("{{ m[0]|tojson }}", context)
    #expect(
      json.map(\.1) == [
        .template, .input("m[0].role"), .template, .input("m[0].role"), .template, .input("m[0].content"),
        .template,
        .input("m[0].content"), .template,
      ])
    #expect(json.map(\.0).joined() == "{\"role\": \"user\", \"content\": \" Hi <|x|>\\n\"}")
    for source in ["{{ m }}", "{{ m|string }}", "{{ m[1].content|title }}", "{{ m[0].content|wordwrap(3) }}"]
    {
      for (text, origin) in try spans(source, context) where origin.isTrusted {
        #expect(!text.contains("x|") && !text.contains("n"), "\(source)")
      }
    }
  }

  @Test("a vouched-for variable is trusted and named")
  func variables() throws {
    let found = try spans("{{ bos }}x{{ m[1].content }}", context)
    #expect(found.map(\.1) == [.variable("bos"), .template, .input("m[1].content")])
    #expect(found.map(\.1.isTrusted) == [true, true, false])
  }
}

@Suite("JSON values")
struct ValueJSONTests {
  @Test("reads what Python's json reads")
  func reading() throws {
    let value = try Value(
      json: " {\"b\": [1, -2.5e3, true, null], \"a\": \"\\u00e9\\ud83d\\ude00\\n\", \"b\": 0} ")
    #expect(value == ["b": 0, "a": "é😀\n"])
    guard case .dict(let fields) = value else { return }
    #expect(fields.entries.map(\.key) == ["b", "a"])
    #expect(try Value(json: "1") == .int(1))
    #expect(try Value(json: "1.0") == .double(1))
    #expect(try Value(json: "-Infinity") == .double(-.infinity))
  }

  @Test(
    "refuses what is not JSON",
    arguments: [
      "", "{", "[1,]", "{\"a\"}", "{a: 1}", "01", "1.", "-", "+1", "\"", "\"\\x\"", "\"\\ud800\"",
      "\"\\u12\"", "nul",
      "1 2", "\"\n\"", "[" + String(repeating: "[", count: 5000), "1e", "\u{0}",
    ])
  func refusing(text: String) {
    #expect(throws: JinjaError.self) { try Value(json: text) }
  }
}
