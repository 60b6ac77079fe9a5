import Terminal
import WorkbenchAPI

/// Templates, their findings and their spans as text.
enum TemplateText {
  /// A row for each template; `*` marks the model's.
  static func table(_ response: ProtoListTemplatesResponse) -> String {
    var table = Table([
      .init(""), .init("NAME"), .init("VERSION", right: true), .init("ORIGIN"), .init("STOPS AT"),
      .init("SUMMARY"),
    ])
    for template in response.templates {
      table.add([
        isChosen(template, response.modelTemplate) ? "*" : "", template.name, "\(template.version)",
        template.origin, template.stop.map { SafeText.quoted(Array($0.utf8)) }.joined(separator: " "),
        template.problem.isEmpty ? template.summary : "last edit refused: \(firstLine(of: template.problem))",
      ])
    }
    return table.fitted
  }

  private static func firstLine(of text: String) -> Substring { text.prefix { $0 != "\n" } }

  /// Whether a model's choice, `name` or `name@version`, is this template.
  private static func isChosen(_ template: ProtoTemplate, _ choice: String) -> Bool {
    choice == template.name || choice.hasPrefix(template.name + "@")
  }

  /// The findings of a check in the style of compilers: place, severity, message, and the line with a caret.
  static func findings(_ findings: [ProtoTemplateFinding], file: String) -> String {
    findings.map { finding in
      let severity =
        switch finding.severity {
        case .error: "error"
        case .warning: "warning"
        case .note, .unspecified, .UNRECOGNIZED: "note"
        }
      let place = finding.line > 0 ? ":\(finding.line):\(finding.column)" : ""
      let excerpt = finding.excerpt.split(separator: "\n").map { "    \($0)\n" }.joined()
      return "\(file)\(place): \(severity): \(finding.message) [\(finding.rule)]\n\(excerpt)"
    }.joined()
  }

  /// Warnings and errors, without the notes, which only 'template check' shows.
  static func serious(_ findings: [ProtoTemplateFinding]) -> [ProtoTemplateFinding] {
    findings.filter { $0.severity == .error || $0.severity == .warning }
  }

  /// A row for each span of a rendered text: its byte range, its origin, and the quoted text.
  static func spans(_ response: ProtoRenderTemplateResponse) -> String {
    var table = Table([.init("BYTES", right: true), .init("ORIGIN"), .init("TEXT")])
    let bytes = Array(response.text.utf8)
    for span in response.spans {
      let begin = min(Int(span.begin), bytes.count)
      let end = min(max(Int(span.end), begin), bytes.count)
      table.add(["\(span.begin)..<\(span.end)", span.origin, SafeText.quoted(bytes[begin..<end])])
    }
    return table.fitted
  }
}
