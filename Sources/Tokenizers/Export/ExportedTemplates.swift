import JSON
import ModelFormats

/// The chat templates of a model's metadata, as `tokenizer_config.json` has them.
struct ExportedTemplates {
  private static let key = "tokenizer.chat_template"
  /// Each template with its name.
  private let templates: [(name: String, source: String)]

  init(_ metadata: Metadata) {
    var templates: [(name: String, source: String)] = []
    if let source = metadata.string(Self.key) { templates.append(("default", source)) }
    for key in metadata.keys where key.hasPrefix(Self.key + ".") {
      let name = String(key.dropFirst(Self.key.count + 1))
      if name != "default" || templates.isEmpty, let source = metadata.string(key) {
        templates.append((name, source))
      }
    }
    self.templates = templates
  }

  /// Writes `chat_template`: the text of the only one, or a list with names.
  func write(to file: inout JSONWriter) {
    guard let first = templates.first else { return }
    file.key("chat_template")
    guard templates.count > 1 || first.name != "default" else { return file.string(first.source) }
    file.array { list in
      for template in templates {
        list.object { entry in
          entry.key("name")
          entry.string(template.name)
          entry.key("template")
          entry.string(template.source)
        }
      }
    }
  }
}
