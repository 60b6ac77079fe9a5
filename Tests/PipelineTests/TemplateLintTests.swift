import Runtime
import TestSupport
import Testing

@testable import Pipeline

/// Nothing to find: every role is written, each turn ends with a stop text, and the assistant has a head.
private let good =
  "---\nstop: [\"<end>\"]\n---\n"
  + "{% for m in messages %}{{ m.role }}: {{ m.content }}<end>\n{% endfor %}"
  + "{% if add_generation_prompt %}assistant:{% endif %}"

@Suite("What a check finds in templates") struct TemplateLintTests {
  private func rules(_ source: String, origin: TemplateSource.Origin = .client) -> Set<String> {
    Set(
      TemplateRendering.check(TemplateSource(name: "t", source: source, origin: origin)).findings.map(\.rule))
  }

  @Test("A careful template has no finding, and says what its front matter does") func nothing() {
    let report = TemplateRendering.check(TemplateSource(name: "t", source: good, origin: .client))
    #expect(report.findings.isEmpty && report.stop == ["<end>"])
  }

  @Test(
    "Each rule finds the template that breaks it",
    arguments: [
      ("syntax", "{% if %}"),
      ("front-matter", "---\nstops: a\n---\nx"),
      ("render-fails", "{{ raise_exception('never') }}"),
      (
        "role-dropped",
        good.replacing("{{ m.content }}", with: "{% if m.role != 'system' %}{{ m.content }}{% endif %}")
      ),
      (
        "role-refused",
        good.replacing(
          "{{ m.role }}: ",
          with: "{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ m.role }}: ")
      ),
      ("trailing-space", good.replacing("assistant:{%", with: "assistant: {%")),
      (
        "generation-prompt-ignored",
        good.replacing("{% if add_generation_prompt %}assistant:{% endif %}", with: "")
      ),
      ("stop-missing", good.replacing("stop: [\"<end>\"]", with: "description: none")),
      (
        "prefix-changes",
        "{{ messages | length }} " + good.replacing("---\nstop: [\"<end>\"]\n---\n", with: "")
      ),
    ])
  func rule(name: String, source: String) {
    #expect(rules(source).contains(name), "found \(rules(source))")
    #expect(!rules(good).contains(name))
  }

  @Test("An error of the syntax has its place, and nothing else is said") func place() throws {
    let report = TemplateRendering.check(TemplateSource(name: "t", source: "a\n  {% if %}", origin: .client))
    let error = try #require(report.error)
    #expect(report.findings.count == 1 && error.place?.line == 2)
    #expect(error.place?.excerpt.contains("{% if %}") == true)
  }

  @Test(
    "What cannot render a single user message in any usual shape cannot be used, and the reason has its place",
    arguments: [
      ("a\n{{ raise_exception('never') }}", true), ("{{ messages[3].content.x }}", true),
      ("x\n{{ 1 + '' }}", true),
      ("{% if add_generation_prompt %}{{ raise_exception('no') }}{% endif %}x", false),
      ("{% if messages[0].content is string %}{{ raise_exception('parts') }}{% endif %}x", false),
      ("{% if messages[0].role != 'system' %}{{ raise_exception('system first') }}{% endif %}", true),
      ("{% if messages %}{{ messages|nosuch }}{% endif %}", true), ("{{ tools|length }}", true), ("x", false),
    ])
  func rendering(source: String, isError: Bool) {
    let report = TemplateRendering.check(TemplateSource(name: "t", source: source, origin: .client))
    #expect((report.error?.rule == TemplateFinding.rendering) == isError, "\(report.findings)")
    if let error = report.error {
      #expect(error.place != nil && error.message.contains("single user message"))
    }
  }

  @Test(
    "A filter, test or function that does not exist is an error of the syntax",
    arguments: [
      "{{ messages | nosuchfilter }}", "{{ messages is nosuchtest }}", "{{ nosuchfunction(messages) }}",
    ])
  func unknown(source: String) {
    let report = TemplateRendering.check(TemplateSource(name: "t", source: source, origin: .client))
    #expect(report.error?.rule == "syntax" && report.error?.message.contains("nosuch") == true)
  }

  @Test("An invalid name is told as such") func name() {
    let report = TemplateRendering.check(TemplateSource(name: "a b", source: "x", origin: .client))
    #expect(report.error?.rule == TemplateFinding.name)
  }

  @Test("With a vocabulary, a BOS that is missing, or there twice, is found") func bos() throws {
    let pipeline = try TinyPipeline().pipeline
    func rules(_ head: String, _ origin: TemplateSource.Origin) -> Set<String> {
      let source = head + good.replacing("---\nstop: [\"<end>\"]\n---\n", with: "")
      return Set(
        pipeline.check(TemplateSource(name: "t", source: source, origin: origin)).findings.map(\.rule))
    }
    #expect(rules("", .checkpoint).contains("bos-missing"))
    #expect(!rules("{{ bos_token }}", .checkpoint).contains("bos-missing"))
    #expect(!rules("", .client).contains("bos-missing"), "the tokenizer adds it")
    var card = TemplateSource(name: "t", source: good, origin: .builtIn)
    card.addsBOS = false
    #expect(!pipeline.check(card).findings.map(\.rule).contains("bos-missing"), "the model's card has none")
    #expect(rules("{{ bos_token }}{{ bos_token }}", .client).contains("bos-doubled"))
    #expect(!rules("{{ bos_token }}", .client).contains("bos-doubled"))
  }

  @Test("With a vocabulary, a marker that is many tokens is found once; one that is a token is not")
  func markers() throws {
    let pipeline = try TinyPipeline().pipeline
    func found(_ marker: String) -> Int {
      let source = "{% for m in messages %}\(marker){{ m.content }}\n{% endfor %}"
      return pipeline.check(TemplateSource(name: "t", source: source, origin: .client)).findings
        .count { $0.rule == "marker-not-special" }
    }
    #expect(found("<|im_start|>") == 1)
    #expect(found("</s>") == 0)
  }

  @Test("A library's template is not looked at") func library() {
    #expect(rules("{% if %}", origin: .library).isEmpty)
  }
}
