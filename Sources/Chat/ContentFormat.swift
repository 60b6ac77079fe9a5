/// What a template takes as the content of a message.
enum ContentFormat: String {
  /// Whatever the message has: text, or parts that count as text where the template uses them as a string.
  case asGiven
  /// One text.
  case text
  /// A list of parts.
  case parts

  func applied(to content: Message.Content) -> Message.Content {
    switch self {
    case .asGiven: content
    case .text: content.joined
    case .parts: content.divided
    }
  }
}
