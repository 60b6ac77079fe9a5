import Chat
import Jinja
import Runtime
import WorkbenchAPI

extension PromptInput {
  /// Messages as templates see them: what JSON a message carries becomes values, in its own order of keys.
  static func messages(_ messages: [ProtoMessage]) throws -> [Message] {
    try messages.enumerated().map { try Message($1, field: "messages[\($0)]") }
  }
}

extension Message {
  fileprivate init(_ message: ProtoMessage, field: String) throws {
    guard !message.role.isEmpty else {
      throw WorkbenchError(.invalidArgument, "a message has a role, such as user", field: "\(field).role")
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
        throw WorkbenchError(.invalidArgument, "a JSON object is expected", field: "\(field).extras_json")
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
        .invalidArgument, "content and content_parts are both given; one is expected",
        field: "\(field).content_parts")
    }
  }
}

extension ProtoMessage {
  init(_ message: Message) {
    self.init()
    role = message.role
    switch message.content {
    case .none: break
    case .text(let text): content = text
    case .parts(let parts): contentParts = parts
    }
    if let name = message.name { self.name = name }
    if let id = message.toolCallID { toolCallID = id }
    if let reasoning = message.reasoningContent { reasoningContent = reasoning }
    if let calls = message.toolCalls { toolCallsJson = calls.json }
    if !message.extras.entries.isEmpty { extrasJson = Value.dict(message.extras).json }
  }
}
