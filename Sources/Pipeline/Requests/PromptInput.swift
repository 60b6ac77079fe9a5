public import Chat

/// The input of a template.
public struct PromptInput: Sendable {
  /// The conversation, oldest first.
  public var messages: [Message]
  /// Tool definitions as a JSON array.
  public var toolsJSON: String?
  /// Further template variables as a JSON object.
  public var variablesJSON: String?
  /// Whether the prompt ends with the head of the assistant's turn.
  public var addGenerationPrompt: Bool
  /// Whether tools and variables that the template never reads are accepted.
  public var ignoresUnused: Bool

  /// A conversation to render.
  public init(
    messages: [Message], toolsJSON: String? = nil, variablesJSON: String? = nil,
    addGenerationPrompt: Bool = true, ignoresUnused: Bool = false
  ) {
    self.messages = messages
    self.toolsJSON = toolsJSON
    self.variablesJSON = variablesJSON
    self.addGenerationPrompt = addGenerationPrompt
    self.ignoresUnused = ignoresUnused
  }
}
