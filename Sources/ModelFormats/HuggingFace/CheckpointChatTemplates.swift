import JSON

/// The chat templates of a checkpoint: `chat_template.jinja`, else those of `tokenizer_config.json`.
enum CheckpointChatTemplates {
  private static let key = "tokenizer.chat_template"

  /// Adds them under the keys that GGUF files have.
  static func write(_ folder: CheckpointFolder, to metadata: inout Metadata) throws(ModelFormatError) {
    let config = try folder.json("tokenizer_config.json")
    if let value = config?["chat_template"], let config {
      if let text = value.utf8 {
        if try folder.file("chat_template.jinja") == nil { metadata.add(key, .string(text)) }
      } else if value.kind == .array {
        try named(value, config, to: &metadata)
      } else {
        throw config.error("chat_template", value, expected: "a string, or a list of names and templates")
      }
    }
    guard let file = try folder.file("chat_template.jinja"), metadata[key] == nil else { return }
    guard file.byteCount <= Limits.templateBytes else {
      throw ModelFormatError(
        .tooLarge, path: file.path, "the chat template takes \(ByteSize(file.byteCount))",
        expected: "at most \(ByteSize(Limits.templateBytes)) is allowed")
    }
    metadata.add(key, .string(file.withBytes { [UInt8]($0) }))
  }

  /// A list of templates: the one named "default" is that of the checkpoint.
  private static func named(
    _ list: JSONValue, _ config: JSONFile, to metadata: inout Metadata
  ) throws(ModelFormatError) {
    for element in list.elements.map(Array.init) ?? [] {
      guard let name = element["name"]?.string, !name.isEmpty, let text = element["template"]?.utf8 else {
        throw config.error("chat_template", element, expected: "a list of objects with name and template")
      }
      guard metadata.add(name == "default" ? key : key + "." + name, .string(text)) else {
        throw config.error("chat_template", element, expected: "a list in which each name comes once")
      }
    }
  }
}
