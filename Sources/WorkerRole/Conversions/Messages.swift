import Chat
import Jinja
import Pipeline
import Runtime
import WorkbenchAPI

extension Message {
  /// A message as templates see it: its JSON fields become values, which keep the order of keys.
  init(_ message: ProtoMessage, field: String) throws {
    guard !message.role.isEmpty else {
      throw WorkbenchError(
        .invalidArgument, "the message has no role; give one, such as user", field: "\(field).role")
    }
    self.init(role: message.role, content: try Content(message, field: field))
    if message.hasName { name = message.name }
    if message.hasToolCallID { toolCallID = message.toolCallID }
    if message.hasReasoningContent { reasoningContent = message.reasoningContent }
    if message.hasToolCallsJson {
      toolCalls = try Value(json: message.toolCallsJson, field: "\(field).tool_calls_json")
    }
    if message.hasExtrasJson {
      guard case .dict(let fields) = try Value(json: message.extrasJson, field: "\(field).extras_json") else {
        throw WorkbenchError(
          .invalidArgument, "extras_json must be a JSON object", field: "\(field).extras_json")
      }
      let own = value
      if let repeated = fields.entries.first(where: { own[$0.key] != nil })?.key {
        throw WorkbenchError(
          .invalidArgument, "extras_json repeats '\(repeated)', which the message already has",
          field: "\(field).extras_json")
      }
      extras = fields
    }
  }
}

extension Message.Content {
  fileprivate init(_ message: ProtoMessage, field: String) throws {
    let given = [message.hasContent, !message.contentParts.isEmpty, message.hasContentJson]
    guard given.count(where: { $0 }) <= 1 else {
      throw WorkbenchError(
        .invalidArgument, "give only one of content, content_parts and content_json",
        field: "\(field).\(message.hasContentJson ? "content_json" : "content_parts")")
    }
    if message.hasContent {
      self = .text(message.content)
    } else if message.hasContentJson {
      guard case .list(let parts) = try Value(json: message.contentJson, field: "\(field).content_json")
      else {
        throw WorkbenchError(
          .invalidArgument, "content_json must be a JSON array of parts; a text belongs into content",
          field: "\(field).content_json")
      }
      self = .parts(parts)
    } else if message.contentParts.isEmpty {
      self = .none
    } else {
      self = .parts(message.contentParts.map { ["type": "text", "text": .string($0)] })
    }
  }
}
