import ArgumentParser

/// The names of the commands, to tell a mistyped one from an unexpected argument.
enum CommandNames {
  /// An error for the first word that should name a command and does not; nil when every one does.
  static func mistake(in arguments: [String]) -> ClientError? {
    var command: any ParsableCommand.Type = Workbench.self
    var path = "workbench"
    var words = arguments[...]
    while let word = words.popFirst() {
      // Options that can stand before a command, with their values.
      if ["--address", "--timeout", "--token-file", "--ca", "--client-cert", "--client-key"].contains(word) {
        _ = words.popFirst()
      }
      if word == "--generate-completion-script" { return nil }
      if word.hasPrefix("-") || word == "help" && path == "workbench" { continue }
      let subcommands = command.configuration.subcommands
      guard let next = subcommands.first(where: { names($0).contains(word) }) else {
        if subcommands.isEmpty { return nil }
        let nearest = Suggestion.nearest(to: word, among: subcommands.flatMap(names))
        let guess = nearest.map { "did you mean '\(path) \($0)'?" }
        let list = "'\(path)\(path == "workbench" ? " help" : " --help")' lists the commands"
        return ClientError(.usage, "'\(word)' is not a command of '\(path)'", hint: guess ?? list)
      }
      command = next
      path += " " + word
    }
    return nil
  }

  /// The name of a command, then its aliases.
  static func names(_ command: any ParsableCommand.Type) -> [String] {
    [command.configuration.commandName ?? String(describing: command).lowercased()]
      + command.configuration.aliases
  }
}
