import ModelFormats
import Runtime

/// The chat templates that a model file carries.
enum CheckpointTemplates {
  /// `tokenizer.chat_template` as "default", and the variants of `tokenizer.chat_template.NAME` by their names.
  static func read(_ metadata: Metadata) -> [TemplateSource] {
    let key = "tokenizer.chat_template"
    var templates: [TemplateSource] = []
    if let source = metadata.string(key) {
      templates.append(template("default", source, summary: "the checkpoint's own"))
    }
    for name in metadata.keys where name.hasPrefix(key + ".") {
      let variant = String(name.dropFirst(key.count + 1))
      guard variant != "default" || templates.isEmpty, let source = metadata.string(name) else { continue }
      templates.append(template(variant, source, summary: "the checkpoint's own, variant \(variant)"))
    }
    return templates
  }

  private static func template(_ name: String, _ source: String, summary: String) -> TemplateSource {
    TemplateSource(name: name, source: source, origin: .checkpoint, summary: summary)
  }
}
