import Terminal
import Units
import WorkbenchAPI

/// Conversations as text.
enum ConversationText {
  /// A name and how long it is.
  static func title(_ conversation: ProtoConversation) -> String {
    "\(conversation.name): \(counted(conversation.messages, "message")), version \(conversation.version)"
  }

  /// A row for each conversation.
  static func table(_ conversations: [ProtoConversation], owners: Bool) -> String {
    var columns: [Table.Column] = [
      .init("ID", right: true), .init("NAME"), .init("MESSAGES", right: true), .init("SIZE", right: true),
      .init("CHANGED"),
    ]
    if owners { columns.append(.init("OWNER")) }
    var table = Table(columns)
    for conversation in conversations {
      table.add(
        [
          conversation.id, conversation.name, "\(conversation.messages)", Format.bytes(conversation.bytes),
          Format.time(conversation.changedAt),
        ] + (owners ? [conversation.owner] : []))
    }
    return table.fitted
  }

  /// The messages, each under a line with its number and role.
  static func messages(_ response: ProtoGetConversationResponse) -> String {
    response.messages.enumerated().map { index, message in
      "[\(index + 1)] \(message.message.role)\(origin(message))\n\(text(message.message))\n"
    }.joined()
  }

  private static func origin(_ message: ProtoConversationMessage) -> String {
    guard message.hasAnswer else { return "" }
    let answer = message.answer
    let template = answer.template.isEmpty ? "" : ", template \(answer.template)"
    let profile = answer.profile.isEmpty ? "" : ", profile \(answer.profile)"
    let end = answer.partial ? ", cut off: \(answer.rule)" : ""
    return " (\(answer.model)\(template)\(profile)\(end))"
  }

  private static func text(_ message: ProtoMessage) -> String {
    var lines: [String] = []
    if message.hasReasoningContent { lines.append("(reasoning) \(message.reasoningContent)") }
    if message.hasContent { lines.append(message.content) }
    lines += message.contentParts
    if message.hasContentJson { lines.append(message.contentJson) }
    if message.hasToolCallsJson { lines.append("(calls) \(message.toolCallsJson)") }
    if message.hasToolCallID { lines.append("(answers call \(message.toolCallID))") }
    if message.hasExtrasJson { lines.append("(also) \(message.extrasJson)") }
    return lines.joined(separator: "\n")
  }
}
