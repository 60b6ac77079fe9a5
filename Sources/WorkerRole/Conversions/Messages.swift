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
      extras = fields
    }
  }
}

extension Message.Content {
  fileprivate init(_ message: ProtoMessage, field: String) throws {
    switch (message.hasContent, message.contentParts.isEmpty) {
    case (true, true): self = .text(message.content)
    case (false, true): self = .none
    case (false, false): self = .parts(message.contentParts)
    case (true, false):
      throw WorkbenchError(
        .invalidArgument, "give content or content_parts, not both",
        field: "\(field).content_parts")
    }
  }
}
