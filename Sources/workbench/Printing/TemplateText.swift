import Terminal
import WorkbenchAPI

/// Templates as a person reads them.
enum TemplateText {
  /// A line for each template; the model's is marked with `*`.
  static func table(_ response: ProtoListTemplatesResponse) -> String {
    var table = Table([
      .init(""), .init("NAME"), .init("VERSION", right: true), .init("ORIGIN"), .init("STOPS AT"),
      .init("SUMMARY"),
    ])
    for template in response.templates {
      table.add([
        isChosen(template, response.modelTemplate) ? "*" : "", template.name, "\(template.version)",
        template.origin, template.stop.map { SafeText.quoted(Array($0.utf8)) }.joined(separator: " "),
        template.problem.isEmpty ? template.summary : "edit not taken: \(firstLine(of: template.problem))",
      ])
    }
    return table.text
  }

  private static func firstLine(of text: String) -> Substring { text.prefix { $0 != "\n" } }

  /// Whether a model's choice, `name` or `name@version`, is this template.
  private static func isChosen(_ template: ProtoTemplate, _ choice: String) -> Bool {
    choice == template.name || choice.hasPrefix(template.name + "@")
  }

  /// What a check found, as compilers write it: place, severity, message, and the line with a caret.
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

  /// A line for each span of a rendered text: its bytes, where it came from, and the text quoted.
  static func spans(_ response: ProtoRenderTemplateResponse) -> String {
    var table = Table([.init("BYTES", right: true), .init("ORIGIN"), .init("TEXT")])
    let bytes = Array(response.text.utf8)
    for span in response.spans {
      let begin = min(Int(span.begin), bytes.count)
      let end = min(max(Int(span.end), begin), bytes.count)
      table.add(["\(span.begin)..<\(span.end)", span.origin, SafeText.quoted(bytes[begin..<end])])
    }
    return table.text
  }
}
