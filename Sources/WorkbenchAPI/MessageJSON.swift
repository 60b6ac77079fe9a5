public import JSON

/// A JSON text that is not what a message must be: the place in it and what is wrong.
public struct MessageJSONError: Error, Sendable, Equatable {
  /// One line, such as "messages[0].content: a string is expected, not a number".
  public let message: String

  /// An error that says `message`.
  public init(_ message: String) {
    self.message = message
  }
}

/// Messages as JSON: objects with `role`, usually `content`, and further keys, all of which are kept.
public enum MessageJSON {
  /// The messages of a JSON array.
  public static func messages(_ value: JSONValue) throws(MessageJSONError) -> [ProtoMessage] {
    guard let elements = value.elements else {
      throw MessageJSONError("messages: an array is expected, not \(typeName(value))")
    }
    var messages: [ProtoMessage] = []
    for element in elements { messages.append(try message(element, "messages[\(messages.count)]")) }
    return messages
  }

  private static func message(_ value: JSONValue, _ path: String) throws(MessageJSONError) -> ProtoMessage {
    guard let members = value.members else {
      throw MessageJSONError("\(path): an object is expected, not \(typeName(value))")
    }
    var message = ProtoMessage()
    var extras: [(name: String, value: JSONValue)] = []
    for (key, value) in members {
      let name = key.string ?? ""
      let path = "\(path).\(name)"
      switch name {
      case "role": message.role = try string(value, path)
      // A template can tell null from a key that is not there.
      case _ where value.isNull: extras.append((name, value))
      case "content" where value.kind == .array: message.contentJson = value.sourceText
      case "content":
        guard let text = value.string else {
          throw MessageJSONError(
            "\(path): a string or a list of parts is expected, not \(typeName(value))")
        }
        message.content = text
      case "name": message.name = try string(value, path)
      case "tool_call_id": message.toolCallID = try string(value, path)
      case "reasoning_content": message.reasoningContent = try string(value, path)
      case "tool_calls":
        guard value.kind == .array else {
          throw MessageJSONError("\(path): an array is expected, not \(typeName(value))")
        }
        message.toolCallsJson = value.sourceText
      // Whatever else a template may read.
      default: extras.append((name, value))
      }
    }
    guard !message.role.isEmpty else { throw MessageJSONError("\(path).role: missing") }
    if !extras.isEmpty {
      var writer = JSONWriter()
      writer.object { writer in
        for (name, value) in extras {
          writer.key(name)
          writer.value(value)
        }
      }
      message.extrasJson = writer.text
    }
    return message
  }

  /// The text of a string; `path` is what an error calls it.
  public static func string(_ value: JSONValue, _ path: String) throws(MessageJSONError) -> String {
    guard let text = value.string else {
      throw MessageJSONError("\(path): a string is expected, not \(typeName(value))")
    }
    return text
  }

  /// What a value is, for messages.
  public static func typeName(_ value: JSONValue) -> String {
    switch value.kind {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .boolean: "a boolean"
    case .null: "null"
    }
  }

  // MARK: Writing

  /// Writes a message as `messages` reads it.
  ///
  /// - Throws: `JSONError` when a field that must be JSON is not.
  public static func write(_ message: ProtoMessage, to writer: inout JSONWriter) throws(JSONError) {
    let content =
      message.hasContentJson ? try JSONDocument(message.contentJson, name: "content_json").root : nil
    let calls =
      message.hasToolCallsJson ? try JSONDocument(message.toolCallsJson, name: "tool_calls_json").root : nil
    let extras = message.hasExtrasJson ? try JSONDocument(message.extrasJson, name: "extras_json").root : nil
    writer.object { writer in
      writer.key("role")
      writer.string(message.role)
      if message.hasContent { add("content", message.content, &writer) }
      if let content { add("content", content, &writer) }
      if !message.contentParts.isEmpty {
        writer.key("content")
        writer.array { writer in
          for part in message.contentParts {
            writer.object { writer in
              add("type", "text", &writer)
              add("text", part, &writer)
            }
          }
        }
      }
      if message.hasName { add("name", message.name, &writer) }
      if message.hasReasoningContent { add("reasoning_content", message.reasoningContent, &writer) }
      if let calls { add("tool_calls", calls, &writer) }
      if message.hasToolCallID { add("tool_call_id", message.toolCallID, &writer) }
      if let members = extras?.members {
        for (key, value) in members { add(key.string ?? "", value, &writer) }
      }
    }
  }

  private static func add(_ key: String, _ text: String, _ writer: inout JSONWriter) {
    writer.key(key)
    writer.string(text)
  }

  private static func add(_ key: String, _ value: JSONValue, _ writer: inout JSONWriter) {
    writer.key(key)
    writer.value(value)
  }
}
