import Foundation
import Jinja
import Testing

@Suite("What a template reads, and its clock")
struct VariableTests {
  @Test(
    "The variables that may be read are known once a template is compiled",
    arguments: [
      ("{{ tools }}", true), ("x", false), ("{% if tools is defined %}{% endif %}", true),
      ("{% set tools = [] %}{{ tools }}", false), ("{% set tools = tools or [] %}", true),
      ("{% if a %}{% set tools = [] %}{% endif %}{{ tools }}", true),
      ("{% set tools %}x{% endset %}{{ tools }}", false), ("{% set tools %}{{ tools }}{% endset %}", true),
      ("{% for tools in a %}{{ tools }}{% endfor %}", false), ("{% for tools in tools %}{% endfor %}", true),
      ("{% for a in b %}{% set tools = 1 %}{% endfor %}{{ tools }}", true),
      ("{% macro f(tools) %}{{ tools }}{% endmacro %}{{ f(1) }}", false),
      ("{% macro f(a=tools) %}{% endmacro %}", true),
      ("{% macro f() %}{{ tools }}{% endmacro %}{{ f() }}", true),
      ("{% with tools=1 %}{{ tools }}{% endwith %}", false), ("{% with tools=tools %}{% endwith %}", true),
      ("{{ a.tools }}{{ a['tools'] }}{{ f(tools=1) if false }}", false), ("{{ a[tools] }}", true),
      ("{% set ns = namespace(tools=1) %}{{ ns.tools }}", false),
      ("{% set a, tools = 1, 2 %}{{ tools }}", false),
      ("{# {{ tools }} #}{% raw %}{{ tools }}{% endraw %}", false), ("{{ tools }}{% set tools = 1 %}", true),
      ("{% macro tools() %}{% endmacro %}{{ tools() }}", false), ("{{ 'tools' }}", false),
      ("{% call(tools) f() %}{{ tools }}{% endcall %}{% macro f() %}{% endmacro %}", false),
      ("{% filter indent(tools) %}{% endfilter %}", true), ("{{ a if tools else b }}", true),
    ])
  func variables(source: String, reads: Bool) throws {
    #expect(try Template(source).variables.contains("tools") == reads, "\(source)")
  }

  @Test("strftime_now writes every directive as Python does for a time without a zone")
  func clock() throws {
    setenv("TZ", "UTC", 1)
    let url = Bundle.module.bundleURL.appending(path: "Fixtures/strftime.jsonl")
    let lines = String(decoding: try Data(contentsOf: url), as: UTF8.self).split(separator: "\n")
    #expect(lines.count > 350)
    let template = try Template("{{ strftime_now(format) }}")
    for line in lines {
      let item = try Value(json: String(line))
      guard case .string(let format, _)? = item["format"], case .string(let out, _)? = item["out"] else {
        continue
      }
      let found = try template.render(["format": .string(format)], now: 1_794_020_645).text
      #expect(found == out, "\(format)")
    }
  }

  @Test("Whole numbers of JSON are written as they came, whatever their size")
  func numbers() throws {
    let json = "[9223372036854776000,-9223372036854775809,7,123456789012345678901234567890]"
    let value = try Value(json: json)
    #expect(value.json == json)
    let text = try Template("{{ a|tojson }} {{ a[0] }} {{ a[3] > a[0] }}").render(["a": value]).text
    #expect(text == json.replacing(",", with: ", ") + " 9223372036854776000 True")
    let error = #expect(throws: JinjaError.self) { try Template("{{ a[0] + 1 }}").render(["a": value]) }
    #expect(error?.kind == .overflow && error?.message.contains("64 bits") == true)
    let endless = #expect(throws: JinjaError.self) {
      try Value(json: "[" + String(repeating: "9", count: 4301) + "]")
    }
    #expect(endless?.message.contains("4300 digits") == true)
  }
}
