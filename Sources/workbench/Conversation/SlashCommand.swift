/// A command inside a conversation.
enum SlashCommand: Equatable, Sendable {
  case help
  /// Use another template; nil lists them.
  case template(String?)
  /// Set the system message; nil clears it.
  case system(String?)
  case set(name: String, value: String)
  case clear
  case show
  /// Show the prompt that the model would receive.
  case prompt
  /// Regenerate the last answer.
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
    case let name: throw ClientError(.usage, "unknown command '/\(name)'; /help lists the commands")
    }
  }

  private static func trimmed(_ text: String) -> String {
    let head = text.drop(while: \.isWhitespace)
    return String(head.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// What `/help` prints.
  static let helpText = """
    /template NAME    use another template from the next message on; without NAME, list them
    /system TEXT      set the system message; without TEXT, clear it
    /set NAME VALUE   set temperature, top_k, max_tokens, stop, ...; the VALUE default resets it
    /show             show the model, the template and the settings
    /prompt           show the exact prompt that the model would receive now
    /retry            regenerate the last answer
    /clear            forget the conversation so far
    /verbose          turn statistics after each answer on or off
    /quit             quit, as does Control-D
    \"\"\"               begins and ends a message of several lines; Alt-Return inserts a newline
    Control-C         stops the answer, discards the line, or quits

    """
}
