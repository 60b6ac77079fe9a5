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
    var number = template.headLines
    let lines = template.source.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines.dropFirst(template.headLines) {
      number += 1
      guard let range = line.range(ofLiteral: literal) else { continue }
      let before = line[..<range.lowerBound].unicodeScalars
      let caret = before.map { $0 == "\t" ? "\t" : " " }.joined() + "^"
      self.init(line: number, column: before.count + 1, excerpt: "\(line)\n\(caret)")
      return
    }
    return nil
  }
}

extension Substring {
  /// The first place of `literal`, byte for byte.
  fileprivate func range(ofLiteral literal: String) -> Range<Index>? {
    let wanted = Array(literal.utf8)
    guard !wanted.isEmpty else { return nil }
    var start = utf8.startIndex
    while start != utf8.endIndex {
      if utf8[start...].starts(with: wanted) {
        return start..<utf8.index(start, offsetBy: wanted.count)
      }
      start = utf8.index(after: start)
    }
    return nil
  }
}
