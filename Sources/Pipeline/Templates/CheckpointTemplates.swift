import Chat
import Jinja
import ModelFormats
import Runtime

/// The chat templates that a model file carries.
struct CheckpointTemplates {
  private(set) var templates: [TemplateSource] = []
  /// Those that were not taken, and why, one sentence each.
  private(set) var setAside: [String] = []

  /// `tokenizer.chat_template` as "default", and the variants of `tokenizer.chat_template.NAME` by their names.
  init(_ metadata: Metadata) {
    let key = "tokenizer.chat_template"
    if let source = metadata.string(key) { add("default", source, summary: "the checkpoint's own") }
    for name in metadata.keys where name.hasPrefix(key + ".") {
      let variant = String(name.dropFirst(key.count + 1))
      guard variant != "default" || templates.isEmpty, let source = metadata.string(name) else { continue }
      guard templates.count < PipelineLimits.ownTemplates else {
        setAside.append(
          "the file has more than \(PipelineLimits.ownTemplates) chat templates; the others are left out")
        return
      }
      add(variant, source, summary: "the checkpoint's own, variant \(variant)")
    }
  }

  private mutating func add(_ name: String, _ source: String, summary: String) {
    let longest = (source: Jinja.Limits.default.sourceBytes, name: Chat.Limits.nameBytes)
    guard source.utf8.count <= longest.source, name.utf8.count <= longest.name else {
      // One sentence for all of them, whose keys may be as long as they like.
      let sentence =
        "chat templates of more than \(longest.source >> 10) KiB, or with names of more than \(longest.name) bytes, are left out"
      if !setAside.contains(sentence) { setAside.append(sentence) }
      return
    }
    templates.append(TemplateSource(name: name, source: source, origin: .checkpoint, summary: summary))
  }
}
