import Foundation
import Jinja
import Testing

@Suite("Agreement with jinja2")
struct DifferentialTests {
  /// The kinds of error that stand for an exception of Python.
  private static let kinds: [String: Set<JinjaError.Kind>] = [
    "UndefinedError": [.undefined], "SecurityError": [.security], "TemplateSyntaxError": [.syntax],
    "TemplateAssertionError": [.syntax], "TemplateRuntimeError": [.syntax, .type], "TemplateError": [.raised],
    "TypeError": [.type, .undefined, .unsupported], "ValueError": [.value],
    "ZeroDivisionError": [.zeroDivision],
    "OverflowError": [.overflow, .limit], "FilterArgumentError": [.type, .value], "SyntaxError": [.syntax],
    "AssertionError": [.value], "IndexError": [.value], "KeyError": [.value],
    "AttributeError": [.type],
  ]

  /// Calls `body` with every case of a fixture and what it gives here.
  private func forEachCase(
    of file: String, _ body: (_ item: Value, _ source: String, Result<Rendered, JinjaError>) throws -> Void
  ) throws -> Int {
    setenv("TZ", "UTC", 1)
    let url = Bundle.module.bundleURL.appending(path: "Fixtures/\(file)")
    let lines = String(decoding: try Data(contentsOf: url), as: UTF8.self).split(separator: "\n")
    guard case .dict(let fields)? = try Value(json: String(lines[0]))["context"] else { return 0 }
    let context = Dictionary(uniqueKeysWithValues: fields.entries.map { ($0.key, $0.value) })
    for line in lines.dropFirst() {
      let item = try Value(json: String(line))
      guard case .string(let source, _)? = item["source"] else { continue }
      let result = Result { () throws(JinjaError) in
        try Template(source).render(context, now: 1_795_356_309)
      }
      try body(item, source, result)
    }
    return lines.count - 1
  }

  /// Compares a rendering with what is recorded: the text, or the kind of the error.
  private func compare(_ item: Value, _ source: String, _ result: Result<Rendered, JinjaError>) {
    switch (result, item["out"], item["error"]) {
    case (.success(let rendered), .string(let out, _)?, _):
      #expect(Array(rendered.text.utf8) == Array(out.utf8), "\(source)")
      #expect(rendered.spans.last?.range.upperBound ?? 0 == rendered.text.utf8.count)
    case (.failure(let error), _, .string(let name, _)?):
      #expect(Self.kinds[name]?.contains(error.kind) == true, "\(source): \(name) became \(error.kind)")
      #expect(error.line > 0 && !error.excerpt.isEmpty, "\(source)")
    case (.success(let rendered), _, _): Issue.record("\(source) gives \(rendered.text)")
    case (.failure(let error), _, _): Issue.record("\(source): \(error)")
    }
  }

  @Test("about a thousand expressions, filters, tests and statements give what jinja2 gives")
  func cases() throws {
    #expect(try forEachCase(of: "jinja2.jsonl") { compare($0, $1, $2) } > 900)
  }

  @Test("the features of the language, topic by topic, give what jinja2 gives, errors on the same line")
  func topics() throws {
    let count = try forEachCase(of: "topics.jsonl") { item, source, result in
      compare(item, source, result)
      if case .failure(let error) = result, case .int(let line)? = item["line"] {
        #expect(error.line == line, "\(source): \(error)")
      }
    }
    #expect(count > 300)
  }
}
