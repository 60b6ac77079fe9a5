/// A way to write a conversation as a prompt: Jinja or a plugin; its caller cannot tell which.
public protocol PromptTemplate: Sendable {
  /// Texts that end the model's turn.
  var stopStrings: [String] { get }
  /// Whether a variable of the conversation can make a difference: `tools`, `documents` or another.
  func reads(_ variable: String) -> Bool
  /// Writes a conversation as a prompt; throws where the template refuses the conversation or fails.
  func prompt(_ conversation: Conversation) throws -> RenderedPrompt
}

extension ChatTemplate: PromptTemplate {
  /// Writes a conversation as a prompt; the only error is `ChatError`.
  public func prompt(_ conversation: Conversation) throws -> RenderedPrompt { try render(conversation) }
}
