public import Jinja

/// One message of a conversation.
public struct Message: Sendable, Equatable {
  /// What a message says.
  public enum Content: Sendable, Equatable {
    /// None at all, as in a message that only calls tools.
    case none
    /// One text.
    case text(String)
    /// Parts as the template is to see them, such as `{"type": "text", "text": "…"}`.
    case parts([Value])
  }

  /// Who speaks: `system`, `user`, `assistant`, `tool` or whatever the template knows.
  public var role: String
  /// What is said.
  public var content: Content
  /// The speaker's name, or the tool's.
  public var name: String?
  /// The calls that the assistant makes, as the list that the OpenAI API has.
  public var toolCalls: Value?
  /// The call that a tool's message answers.
  public var toolCallID: String?
  /// What the assistant thought before it spoke.
  public var reasoningContent: String?
  /// Anything else that the template may look at.
  public var extras: Value.Fields

  /// Makes a message.
  public init(
    role: String, content: Content, name: String? = nil, toolCalls: Value? = nil, toolCallID: String? = nil,
    reasoningContent: String? = nil, extras: Value.Fields = [:]
  ) {
    self.role = role
    self.content = content
    self.name = name
    self.toolCalls = toolCalls
    self.toolCallID = toolCallID
    self.reasoningContent = reasoningContent
    self.extras = extras
  }

  /// Makes a message that is one text.
  public init(role: String, content: String) {
    self.init(role: role, content: .text(content))
  }
}

extension Message {
  /// Roles whose name may be part of a special token, as in `'<|' + role + '|>'`.
  static let knownRoles: Set<String> = [
    "assistant", "context", "developer", "environment", "function", "ipython", "model", "observation",
    "system",
    "tool", "tool_response", "user",
  ]

  /// What the template sees: only the keys that the message has.
  public var value: Value { value(content: content) }

  /// The same with other content.
  func value(content: Content) -> Value {
    var fields = Value.Fields()
    let isKnown = Self.knownRoles.contains(role)
    fields["role"] = .string(role, origin: isKnown ? .variable("role") : nil)
    switch content {
    case .none: break
    case .text(let text): fields["content"] = .string(text)
    case .parts(let parts): fields["content"] = .parts(parts)
    }
    if let name { fields["name"] = .string(name) }
    if let toolCalls { fields["tool_calls"] = toolCalls }
    if let toolCallID { fields["tool_call_id"] = .string(toolCallID) }
    if let reasoningContent { fields["reasoning_content"] = .string(reasoningContent) }
    for (key, value) in extras.entries where fields[key] == nil { fields[key] = value }
    return .dict(fields)
  }
}

extension Message.Content {
  /// The text, or those of the parts, a line each; parts without text are left out.
  public var text: String {
    switch self {
    case .none: ""
    case .text(let text): text
    case .parts(let parts): parts.compactMap(Self.text(of:)).joined(separator: "\n")
    }
  }

  /// One text, if every part has one.
  var joined: Message.Content {
    guard case .parts(let parts) = self, parts.allSatisfy({ Self.text(of: $0) != nil }) else { return self }
    return .text(text)
  }

  /// A text as its only part.
  var divided: Message.Content {
    guard case .text(let text) = self else { return self }
    return .parts([["type": "text", "text": .string(text)]])
  }

  private static func text(of part: Value) -> String? {
    if case .string(let text, _) = part { return text }
    if case .string(let text, _)? = part["text"] { return text }
    return nil
  }
}
