import Terminal

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
  /// Show the prompt that a message would make; nil for the one that was sent last.
  case prompt(String?)
  /// Ask the last question again.
  case retry
  /// Take back the last question and its answer.
  case undo
  /// Let the daemon keep the conversation, or a copy of it, under a name.
  case save(String)
  /// Go on with another conversation that the daemon keeps.
  case load(String)
  /// Go on in a copy of the conversation; nil for a name that the daemon makes up.
  case fork(String?)
  case verbose
  case quit

  /// Whether a line is a command, known or mistyped: `/` and a word, which a path such as `/usr/bin` is not.
  static func isCommand(_ line: String) -> Bool {
    guard line.first == "/" else { return false }
    let word = line.dropFirst().prefix { !$0.isWhitespace }
    return word == "?" || !word.isEmpty && word.allSatisfy { $0.isLetter || $0 == "-" || $0 == "_" }
  }

  /// Reads a line that is a command.
  init(parsing line: String) throws(ClientError) {
    let parts = line.dropFirst().split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    let rest = parts.count == 2 ? Self.trimmed(parts[1]) : ""
    let argument = rest.isEmpty ? nil : rest
    let name = parts.first ?? ""
    switch name {
    case "template": self = .template(argument)
    case "system": self = .system(argument)
    case "prompt": self = .prompt(argument)
    case "fork": self = .fork(argument)
    case "save", "load":
      guard let argument else {
        throw ClientError(
          .usage, "write /\(name) NAME", hint: "'workbench conversation list' lists the conversations")
      }
      self = name == "save" ? .save(argument) : .load(argument)
    case "set":
      let words = rest.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
      guard words.count == 2 else { throw ClientError(.usage, "write /set NAME VALUE, or /set NAME default") }
      self = .set(name: words[0], value: Self.trimmed(words[1]))
    default:
      guard let command = Self.plain[name] else { throw Self.unknown(name) }
      guard argument == nil else {
        throw ClientError(
          .usage, "/\(name) takes nothing after it", hint: "to send the line as a message, begin it with //")
      }
      self = command
    }
  }

  /// The commands that are a word alone.
  private static let plain: [String: SlashCommand] = [
    "help": .help, "?": .help, "clear": .clear, "show": .show, "retry": .retry, "undo": .undo,
    "verbose": .verbose,
    "quit": .quit, "exit": .quit, "bye": .quit,
  ]

  private static func unknown(_ name: String) -> ClientError {
    let names = ["template", "system", "prompt", "set", "save", "load", "fork"] + plain.keys.sorted()
    let guess = Suggestion.nearest(to: name, among: names).map { "did you mean /\($0)? " } ?? ""
    return ClientError(
      .usage, "unknown command '/\(name)'; /help lists the commands",
      hint: "\(guess)to send the line as a message, begin it with //")
  }

  private static func trimmed(_ text: String) -> String {
    let head = text.drop(while: \.isWhitespace)
    return String(head.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// What `/help` prints.
  static func help(columns: Int?) -> String {
    var table = Table([.init(""), .init("")])
    for (command, meaning) in [
      ("/template NAME", "use another template from the next message on; without NAME, list them"),
      ("/system TEXT", "set the system message; without TEXT, clear it"),
      ("/set NAME VALUE", "set temperature, top_k, max_tokens, stop, ...; the VALUE default resets it"),
      ("/show", "show the model, the template and the settings"),
      ("/prompt", "show the exact prompt that was sent last"),
      ("/prompt MESSAGE", "show the exact prompt that MESSAGE would make, without sending it"),
      ("/retry", "ask the last question again, after a failure too"),
      ("/undo", "take back the last question and its answer"),
      ("/save NAME", "keep the conversation in the daemon under NAME, and go on in it"),
      ("/load NAME", "continue the conversation NAME"),
      ("/fork NAME", "go on in a copy of the saved conversation; without NAME, the daemon names it"),
      ("/clear", "begin anew; a conversation that is saved stays as it is"),
      ("/verbose", "turn statistics after each answer on or off"),
      ("/quit", "quit, as does Control-D"),
      ("//...", "send a message that begins with /; a path such as /usr/bin needs no second one"),
      ("\"\"\"", "begins and ends a message of several lines; Alt-Return inserts a newline"),
      ("Control-C", "stops the answer, discards the line, or quits"),
    ] { table.add([command, meaning]) }
    return table.text(columns: columns)
  }
}
