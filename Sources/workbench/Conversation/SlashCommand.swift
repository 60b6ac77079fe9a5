/// A command within a conversation.
enum SlashCommand: Equatable, Sendable {
  case help
  /// Another template; nil lists them.
  case template(String?)
  /// Another message of the system; nil takes it away.
  case system(String?)
  case set(name: String, value: String)
  case clear
  case show
  /// Shows the text that the model would be fed.
  case prompt
  /// Answers the last message anew.
  case retry
  case verbose
  case quit

  /// Reads a line that begins with `/`.
  init(parsing line: String) throws(ClientError) {
    let parts = line.dropFirst().split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    let rest = parts.count == 2 ? Self.trimmed(parts[1]) : ""
    let argument = rest.isEmpty ? nil : rest
    switch parts.first ?? "" {
    case "help", "?": self = .help
    case "template": self = .template(argument)
    case "system": self = .system(argument)
    case "clear": self = .clear
    case "show": self = .show
    case "prompt": self = .prompt
    case "retry": self = .retry
    case "verbose": self = .verbose
    case "quit", "exit", "bye": self = .quit
    case "set":
      let words = rest.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
      guard words.count == 2 else { throw ClientError(.usage, "write /set NAME VALUE, or /set NAME default") }
      self = .set(name: words[0], value: Self.trimmed(words[1]))
    case let name: throw ClientError(.usage, "no command '/\(name)'; /help lists them")
    }
  }

  private static func trimmed(_ text: String) -> String {
    let head = text.drop(while: \.isWhitespace)
    return String(head.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// What `/help` prints.
  static let helpText = """
    /template NAME    use another template from the next message on; without NAME: list them
    /system TEXT      set the message of the system; without TEXT: take it away
    /set NAME VALUE   set temperature, top_k, max_tokens, stop, ...; VALUE default takes it back
    /show             show the model, the template and the settings
    /prompt           show the text that the model would be fed now
    /retry            answer the last message anew
    /clear            forget what was said
    /verbose          turn statistics after each answer on or off
    /quit             leave; Control-D does too
    \"\"\"               begins and ends a message of several lines; Alt-Return is a newline
    Control-C         ends the answer that is being written, discards the line, or leaves

    """
}
