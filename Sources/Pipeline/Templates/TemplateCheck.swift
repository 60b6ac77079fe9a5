import Chat
import Jinja
public import Runtime
import Tokenizers

extension TemplateRendering {
  /// Checks a template without a model, so nothing is checked against a vocabulary.
  public static func check(_ source: TemplateSource) -> TemplateReport {
    check(source, texts: SpecialTexts(bos: "<s>", eos: "</s>"), tokenizer: nil)
  }

  /// Compiles a template and, if that succeeds, looks for common mistakes.
  static func check(
    _ source: TemplateSource, texts: SpecialTexts, tokenizer: (any Tokenizer)?
  ) -> TemplateReport {
    // A library's template has no source; it was checked in the library's trial.
    guard source.origin != .library else { return TemplateReport() }
    do throws(ChatError) {
      let template = try ChatTemplate.compile(name: source.name, source: source.source)
      let lint = TemplateLint(
        template: template, writesBOS: source.origin == .checkpoint, texts: texts,
        tokenizer: tokenizer)
      return TemplateReport(
        summary: template.summary, stop: template.stopStrings,
        findings: lint.findings().sorted { $0.severity.rawValue < $1.severity.rawValue })
    } catch {
      return TemplateReport(findings: [TemplateFinding(error)])
    }
  }
}

extension TemplateFinding {
  /// Why a template does not compile.
  init(_ error: ChatError) {
    switch error {
    case .template(_, let error): self.init(.error, rule: "syntax", error.message, place: Place(error))
    case .frontMatter(_, let line, let problem):
      self.init(.error, rule: "front-matter", "line \(line) of the file: \(problem)")
    case .invalidName: self.init(.error, rule: Self.name, "\(error)")
    default: self.init(.error, rule: "front-matter", "\(error)")
    }
  }
}

extension TemplateFinding.Place {
  init?(_ error: JinjaError) {
    guard error.line > 0 else { return nil }
    self.init(line: error.line, column: error.column, excerpt: error.excerpt)
  }

  /// Where `literal` first occurs in the template's source; nil if it is only put together at run time.
  init?(of literal: String, in template: ChatTemplate) {
    let source = Array(template.source.utf8)
    var body = source[...]
    for _ in 0..<template.headLines {
      body = body[((body.firstIndex(of: UInt8(ascii: "\n")) ?? body.endIndex - 1) + 1)...]
    }
    guard !literal.isEmpty, let range = body.firstRange(of: Array(literal.utf8)) else { return nil }
    let place = SourcePlace(of: range.lowerBound, in: source)
    self.init(line: place.line, column: place.column, excerpt: place.excerpt)
  }
}
