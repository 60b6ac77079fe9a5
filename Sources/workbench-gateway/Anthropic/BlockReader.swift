import JSON
import SwiftProtobuf
import WorkbenchAPI

/// Anthropic's messages, whose contents are texts or lists of blocks.
enum BlockReader {
  /// `messages` as templates expect them: a block that uses a tool is a call of its message, a result a message of
  /// its own.
  static func messages(_ parameters: inout Parameters) throws(APIError) -> [ProtoMessage] {
    guard let value = parameters.take("messages") else { throw .invalid("messages", "messages: missing") }
    guard let elements = value.elements else { throw parameters.wrong("messages", "an array", value) }
    var messages: [ProtoMessage] = []
    var count = 0
    for element in elements {
      let path = "messages[\(count)]"
      count += 1
      var members = try Parameters(element, prefix: path + ".")
      guard let role = try members.string("role"), ["user", "assistant"].contains(role) else {
        throw .invalid("messages", "\(path).role: \"user\" or \"assistant\" is expected")
      }
      guard let content = members.take("content") else {
        throw .invalid("messages", "\(path).content: missing")
      }
      try members.finish()
      messages += try read(content, role, path + ".content")
    }
    guard !messages.isEmpty else { throw .invalid("messages", "messages: at least one is needed") }
    return messages
  }

  /// A text, or blocks of text, which are joined by a line's end each.
  static func text(
    _ value: JSONValue, _ name: String, _ parameters: inout Parameters
  ) throws(APIError) -> String {
    if let text = value.string { return text }
    guard let elements = value.elements else { throw parameters.wrong(name, "a string or blocks", value) }
    var texts: [String] = []
    for element in elements {
      let path = "\(name)[\(texts.count)]"
      guard case .text(let text) = try block(element, path) else {
        throw .invalid(name, "\(path): only blocks of text are expected here")
      }
      texts.append(text)
    }
    return texts.joined(separator: "\n")
  }

  private enum Block {
    case text(String)
    case call(id: String, name: String, input: JSONValue)
    case result(id: String, text: String)
  }

  private static func read(_ content: JSONValue, _ role: String, _ path: String) throws(APIError)
    -> [ProtoMessage]
  {
    if let text = content.string {
      return [
        .with {
          $0.role = role; $0.content = text
        }
      ]
    }
    guard let elements = content.elements else {
      throw .invalid(
        "messages", "\(path): a string or blocks are expected, not \(MessageJSON.typeName(content))")
    }
    var message = ProtoMessage.with { $0.role = role }
    var results: [ProtoMessage] = []
    var calls: [(String, String, JSONValue)] = []
    var texts: [String] = []
    var count = 0
    for element in elements {
      switch try block(element, "\(path)[\(count)]") {
      case .text(let text): texts.append(text)
      case .call(let id, let name, let input): calls.append((id, name, input))
      case .result(let id, let text):
        results.append(
          .with {
            $0.role = "tool"; $0.toolCallID = id; $0.content = text
          })
      }
      count += 1
    }
    if texts.count == 1 { message.content = texts[0] } else if !texts.isEmpty { message.contentParts = texts }
    if !calls.isEmpty { message.toolCallsJson = json(calls) }
    return results + (texts.isEmpty && calls.isEmpty ? [] : [message])
  }

  private static func block(_ value: JSONValue, _ path: String) throws(APIError) -> Block {
    var members = try Parameters(value, prefix: path + ".")
    let type = try members.string("type") ?? ""
    let result: Block
    switch type {
    case "text": result = .text(try members.string("text") ?? "")
    case "tool_use":
      guard let id = try members.string("id"), let name = try members.string("name"),
        let input = members.take("input")
      else { throw .invalid("messages", "\(path): a tool_use block has an id, a name and an input") }
      result = .call(id: id, name: name, input: input)
    case "tool_result":
      guard let id = try members.string("tool_use_id") else {
        throw .invalid("messages", "\(path).tool_use_id: missing")
      }
      let content = members.take("content")
      var text = ""
      if let content { text = try self.text(content, "\(path).content", &members) }
      _ = try members.bool("is_error")
      result = .result(id: id, text: text)
    default:
      throw .unsupported(
        "messages", "\(path).type is '\(type)'; text, tool_use and tool_result are supported")
    }
    // A hint for a cache that finds shared beginnings by itself.
    _ = members.take("cache_control")
    try members.finish()
    return result
  }

  private static func json(_ calls: [(id: String, name: String, input: JSONValue)]) -> String {
    var writer = JSONWriter()
    writer.array { writer in
      for call in calls {
        writer.object { writer in
          writer.field("id", call.id)
          writer.field("type", "function")
          writer.key("function")
          writer.object { writer in
            writer.field("name", call.name)
            writer.key("arguments")
            writer.value(call.input)
          }
        }
      }
    }
    return writer.text
  }
}
