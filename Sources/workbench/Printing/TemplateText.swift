import Terminal
import WorkbenchAPI

/// Templates as a person reads them.
enum TemplateText {
  /// A line for each template; the model's is marked with `*`.
  static func table(_ response: ProtoListTemplatesResponse) -> String {
    var table = Table([.init(""), .init("NAME"), .init("ORIGIN"), .init("STOPS AT"), .init("SUMMARY")])
    for template in response.templates {
      table.add([
        template.name == response.modelTemplate ? "*" : "", template.name, template.origin,
        template.stop.map { SafeText.quoted(Array($0.utf8)) }.joined(separator: " "), template.summary,
      ])
    }
    return table.text
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
