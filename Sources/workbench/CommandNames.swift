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
      if word.hasPrefix("-") || word == "help" && path == "workbench" { continue }
      let subcommands = command.configuration.subcommands
      guard let next = subcommands.first(where: { names($0).contains(word) }) else {
        if subcommands.isEmpty { return nil }
        let nearest = subcommands.flatMap(names).min { distance($0, word) < distance($1, word) }
        let guess = nearest.flatMap { distance($0, word) <= 2 ? "did you mean '\(path) \($0)'?" : nil }
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

  /// Insertions, removals and replacements of characters between two words (Levenshtein's distance).
  private static func distance(_ first: String, _ second: String) -> Int {
    let second = Array(second)
    var row = Array(0...second.count)
    for (index, character) in first.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in second.indices {
        let cost = min(diagonal + (character == second[column] ? 0 : 1), row[column] + 1, row[column + 1] + 1)
        diagonal = row[column + 1]
        row[column + 1] = cost
      }
    }
    return row[second.count]
  }
}
