import JSON
import WorkbenchAPI

/// Messages of a conversation from JSON: an array of objects with `role` and `content`.
enum MessageInput {
  /// The messages of a text: an array, or an object with the only key `messages`, which is one.
  static func parse(_ text: String) throws(ClientError) -> [ProtoMessage] {
    let value = try JSONValue.parse(text)
    guard let members = value.members else { return try parse(value) }
    let all = Array(members)
    guard all.count == 1, all[0].key.string == "messages" else {
      throw ClientError(
        .usage, "messages: an array is expected, or an object with \"messages\" and nothing else")
    }
    return try parse(all[0].value)
  }

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
    for (key, value) in members {
      let name = key.string ?? ""
      let path = "\(path).\(name)"
      // A null means the same as a key that is not there.
      if value.isNull { continue }
      switch name {
      case "role": message.role = try string(value, path)
      case "content": message.content = try content(value, path)
      case "name": message.name = try string(value, path)
      case "tool_call_id": message.toolCallID = try string(value, path)
      case "reasoning_content": message.reasoningContent = try string(value, path)
      case "tool_calls":
        guard value.kind == .array else {
          throw ClientError(.usage, "\(path): an array is expected, not \(value.typeName)")
        }
        message.toolCallsJson = value.sourceText
      default:
        let known = "role, content, name, tool_calls, tool_call_id, reasoning_content"
        throw ClientError(.usage, "\(path): unknown key; a message may have \(known)")
      }
    }
    guard !message.role.isEmpty else { throw ClientError(.usage, "\(path).role: missing") }
    return message
  }

  /// A text, or the texts of a list of parts joined.
  private static func content(_ value: JSONValue, _ path: String) throws(ClientError) -> String {
    guard let parts = value.elements else { return try string(value, path) }
    var text = ""
    for (index, part) in parts.enumerated() {
      guard part["type"]?.string == "text", let member = part["text"] else {
        throw ClientError(.usage, "\(path)[\(index)]: only parts of type \"text\" are supported")
      }
      text += try string(member, "\(path)[\(index)].text")
    }
    return text
  }

  /// The text of a string; `path` is what an error calls it.
  static func string(_ value: JSONValue, _ path: String) throws(ClientError) -> String {
    guard let text = value.string else {
      throw ClientError(.usage, "\(path): a string is expected, not \(value.typeName)")
    }
    return text
  }
}
