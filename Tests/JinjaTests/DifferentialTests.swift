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

  @Test("about a thousand expressions, filters, tests and statements give what jinja2 gives")
  func cases() throws {
    setenv("TZ", "UTC", 1)
    let url = Bundle.module.bundleURL.appending(path: "Fixtures/jinja2.jsonl")
    let lines = String(decoding: try Data(contentsOf: url), as: UTF8.self).split(separator: "\n")
    let head = try Value(json: String(lines[0]))
    guard case .dict(let fields)? = head["context"] else {
      Issue.record("no context")
      return
    }
    let context = Dictionary(uniqueKeysWithValues: fields.entries.map { ($0.key, $0.value) })
    #expect(lines.count > 900)
    for line in lines.dropFirst() {
      let item = try Value(json: String(line))
      guard case .string(let source, _)? = item["source"] else { continue }
      var found: String?
      var failure: JinjaError?
      do throws(JinjaError) {
        let rendered = try Template(source).render(context, now: 1_795_356_309)
        found = rendered.text
        #expect(rendered.spans.last?.range.upperBound ?? 0 == rendered.text.utf8.count)
      } catch {
        failure = error
      }
      if case .string(let out, _)? = item["out"] {
        #expect(found.map { Array($0.utf8) } == Array(out.utf8), "\(source): \(failure?.message ?? "")")
      } else if case .string(let name, _)? = item["error"] {
        let kind = try #require(failure?.kind, "\(source) gives \(found ?? "")")
        #expect(Self.kinds[name]?.contains(kind) == true, "\(source): \(name) became \(kind)")
        #expect(failure?.line ?? 0 > 0 && failure?.excerpt.isEmpty == false)
      }
    }
  }
}
