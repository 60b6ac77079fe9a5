import JSON
import WorkbenchAPI

/// Messages of a conversation from JSON: an array of objects with `role`, usually `content`, and further keys.
enum MessageInput {
  /// The messages of a JSON array.
  static func parse(_ value: JSONValue) throws(ClientError) -> [ProtoMessage] {
    guard let elements = value.elements else {
      throw ClientError(.usage, "messages: an array is expected, not \(value.typeName)")
    }
    var messages: [ProtoMessage] = []
    for element in elements {
      messages.append(try message(element, "messages[\(messages.count)]"))
    }
    return messages
  }

  /// A message of a role.
  static func message(_ role: String, _ content: String) -> ProtoMessage {
    var message = ProtoMessage()
    message.role = role
    message.content = content
    return message
  }

  private static func message(_ value: JSONValue, _ path: String) throws(ClientError) -> ProtoMessage {
    guard let members = value.members else {
      throw ClientError(.usage, "\(path): an object is expected, not \(value.typeName)")
    }
    var message = ProtoMessage()
    var extras = TemplateVariables()
    for (key, value) in members {
      let name = key.string ?? ""
      let path = "\(path).\(name)"
      switch name {
      case "role": message.role = try string(value, path)
      // A template can tell null from a key that is not there.
      case _ where value.isNull: extras.set(name, "null")
      case "content" where value.kind == .array: message.contentJson = value.sourceText
      case "content":
        guard let text = value.string else {
          throw ClientError(.usage, "\(path): a string or a list of parts is expected, not \(value.typeName)")
        }
        message.content = text
      case "name": message.name = try string(value, path)
      case "tool_call_id": message.toolCallID = try string(value, path)
      case "reasoning_content": message.reasoningContent = try string(value, path)
      case "tool_calls":
        guard value.kind == .array else {
          throw ClientError(.usage, "\(path): an array is expected, not \(value.typeName)")
        }
        message.toolCallsJson = value.sourceText
      // Whatever else a template may read.
      default: extras.set(name, value.sourceText)
      }
    }
    guard !message.role.isEmpty else { throw ClientError(.usage, "\(path).role: missing") }
    if let json = extras.json { message.extrasJson = json }
    return message
  }

  /// The text of a string; `path` is what an error calls it.
  static func string(_ value: JSONValue, _ path: String) throws(ClientError) -> String {
    guard let text = value.string else {
      throw ClientError(.usage, "\(path): a string is expected, not \(value.typeName)")
    }
    return text
  }
}
