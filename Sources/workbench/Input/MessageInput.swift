import WorkbenchAPI

/// Messages of a conversation from JSON: an array of objects with `role` and `content`.
enum MessageInput {
  /// The messages of a text: an array, or an object whose `messages` is one.
  static func parse(_ text: String) throws(ClientError) -> [ProtoMessage] {
    let value = try JSONText(parsing: text)
    if case .object(let members) = value.kind {
      guard let messages = members.first(where: { $0.key == "messages" }), members.count == 1 else {
        throw ClientError(
          .usage, "messages: an array is expected, or an object with \"messages\" and nothing else")
      }
      return try parse(messages.value)
    }
    return try parse(value)
  }

  /// The messages of a JSON array.
  static func parse(_ value: JSONText) throws(ClientError) -> [ProtoMessage] {
    guard case .array(let elements) = value.kind else {
      throw ClientError(.usage, "messages: an array is expected, not \(value.typeName)")
    }
    var messages: [ProtoMessage] = []
    for (index, element) in elements.enumerated() {
      messages.append(try message(element, "messages[\(index)]"))
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

  private static func message(_ value: JSONText, _ path: String) throws(ClientError) -> ProtoMessage {
    guard case .object(let members) = value.kind else {
      throw ClientError(.usage, "\(path): an object is expected, not \(value.typeName)")
    }
    var message = ProtoMessage()
    for member in members {
      let path = "\(path).\(member.key)"
      // A null is as good as a key that is not there.
      if member.value.kind == .null { continue }
      switch member.key {
      case "role": message.role = try string(member.value, path)
      case "content": message.content = try content(member.value, path)
      case "name": message.name = try string(member.value, path)
      case "tool_call_id": message.toolCallID = try string(member.value, path)
      case "reasoning_content": message.reasoningContent = try string(member.value, path)
      case "tool_calls":
        guard case .array = member.value.kind else {
          throw ClientError(.usage, "\(path): an array is expected, not \(member.value.typeName)")
        }
        message.toolCallsJson = member.value.source
      default:
        let known = "role, content, name, tool_calls, tool_call_id, reasoning_content"
        throw ClientError(.usage, "\(path): unknown key; a message may have \(known)")
      }
    }
    guard !message.role.isEmpty else { throw ClientError(.usage, "\(path).role: missing") }
    return message
  }

  /// A text, or a list of parts of which only texts are taken.
  private static func content(_ value: JSONText, _ path: String) throws(ClientError) -> String {
    guard case .array(let parts) = value.kind else { return try string(value, path) }
    var text = ""
    for (index, part) in parts.enumerated() {
      guard case .object(let members) = part.kind,
        members.contains(where: { $0.key == "type" && $0.value.kind == .string("text") }),
        let member = members.first(where: { $0.key == "text" })
      else { throw ClientError(.usage, "\(path)[\(index)]: only parts of type \"text\" are supported") }
      text += try string(member.value, "\(path)[\(index)].text")
    }
    return text
  }

  static func string(_ value: JSONText, _ path: String) throws(ClientError) -> String {
    guard case .string(let text) = value.kind else {
      throw ClientError(.usage, "\(path): a string is expected, not \(value.typeName)")
    }
    return text
  }
}
