public import Jinja

/// Everything that a prompt is made of.
public struct Conversation: Sendable {
  /// The messages, oldest first.
  public var messages: [Message]
  /// The tools that the model may call, as a list of JSON schemas; nil for none.
  public var tools: Value?
  /// Whether the prompt ends where the assistant is to speak.
  public var addGenerationPrompt: Bool
  /// The text of the token that starts a sequence.
  public var bosToken: String?
  /// The text of the token that ends a sequence.
  public var eosToken: String?
  /// The texts of further special tokens by their variable, such as `unk_token`.
  public var otherTokens: [String: String]
  /// More variables for the template, such as `enable_thinking`.
  public var extra: [String: Value]
  /// What the template takes as the present, in seconds since 1970; nil is now.
  public var now: Int?

  /// Makes a conversation.
  public init(
    messages: [Message], tools: Value? = nil, addGenerationPrompt: Bool = true, bosToken: String? = nil,
    eosToken: String? = nil, otherTokens: [String: String] = [:], extra: [String: Value] = [:],
    now: Int? = nil
  ) {
    self.messages = messages
    self.tools = tools
    self.addGenerationPrompt = addGenerationPrompt
    self.bosToken = bosToken
    self.eosToken = eosToken
    self.otherTokens = otherTokens
    self.extra = extra
    self.now = now
  }

  /// What the caller gives beyond the messages, by the name of its variable; null and no tools at all say nothing.
  public var given: [String] {
    var names: [String] = []
    if let tools, tools != .none, tools != .list([]) { names.append("tools") }
    return names + extra.filter { $0.value != .none }.keys.sorted()
  }

  /// The variables that only the engine sets.
  static let reserved: Set<String> = [
    "messages", "tools", "documents", "add_generation_prompt", "bos_token", "eos_token",
  ]

  /// The context of the template, as transformers fills it.
  func context(_ format: ContentFormat) throws(ChatError) -> [String: Value] {
    var context: [String: Value] = ["tools": tools ?? Value.none, "documents": Value.none]
    for (name, value) in extra {
      // Documents are the caller's; everything else of these names is not.
      guard name == "documents" || !Self.reserved.contains(name) else { throw .reservedVariable(name) }
      context[name] = value
    }
    for (name, token) in otherTokens {
      guard !Self.reserved.contains(name) else { throw .reservedVariable(name) }
      context[name] = .string(token, origin: .variable(name))
    }
    context["messages"] = .list(messages.map { $0.value(content: format.applied(to: $0.content)) })
    context["add_generation_prompt"] = .bool(addGenerationPrompt)
    if let bosToken { context["bos_token"] = .string(bosToken, origin: .variable("bos_token")) }
    if let eosToken { context["eos_token"] = .string(eosToken, origin: .variable("eos_token")) }
    return context
  }
}
