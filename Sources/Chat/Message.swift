public import Jinja

/// One message of a conversation.
public struct Message: Sendable, Equatable {
  /// What a message says.
  public enum Content: Sendable, Equatable {
    /// Nothing, as in a message that only calls tools.
    case none
    /// One text.
    case text(String)
    /// Several texts.
    case parts([String])
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

  /// What the template sees.
  ///
  /// Parts of content become one text where the template expects that.
  func value(joiningParts: Bool) -> Value {
    var fields = Value.Fields()
    let isKnown = Self.knownRoles.contains(role)
    fields["role"] = .string(role, origin: isKnown ? .variable("role") : nil)
    switch content {
    case .none: fields["content"] = Value.none
    case .text(let text): fields["content"] = .string(text)
    case .parts(let parts) where joiningParts: fields["content"] = .string(parts.joined(separator: "\n"))
    case .parts(let parts): fields["content"] = .list(parts.map { ["type": "text", "text": .string($0)] })
    }
    if let name { fields["name"] = .string(name) }
    if let toolCalls { fields["tool_calls"] = Self.readingArguments(toolCalls) }
    if let toolCallID { fields["tool_call_id"] = .string(toolCallID) }
    if let reasoningContent { fields["reasoning_content"] = .string(reasoningContent) }
    for (key, value) in extras.entries where fields[key] == nil { fields[key] = value }
    return .dict(fields)
  }

  /// Tool calls whose arguments are JSON text get the object instead: what templates are written for.
  private static func readingArguments(_ calls: Value) -> Value {
    guard case .list(let calls) = calls else { return calls }
    return .list(
      calls.map { call in
        guard case .dict(var call) = call, case .dict(var function)? = call["function"],
          case .string(let text, _)? = function["arguments"], let object = try? Value(json: text),
          case .dict = object
        else { return call }
        function["arguments"] = object
        call["function"] = .dict(function)
        return .dict(call)
      })
  }
}
