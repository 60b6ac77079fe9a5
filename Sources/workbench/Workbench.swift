import ArgumentParser

/// The client of the daemon `workbenchd`.
struct Workbench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbench",
    abstract: "Load language models into the daemon workbenchd and talk to them.",
    discussion: """
      Examples:
        workbench load smollm.gguf --name smollm
        workbench chat "Why is the sky blue?"
        workbench chat smollm --template chatml
        git diff | workbench chat smollm "Write a commit message for this change:" -
        workbench template render --template alpaca --model smollm "Hello" --spans
        workbench tokenize --ids "Hello world"

      If only one model is loaded, MODEL can be omitted.

      Environment:
        WORKBENCH_ADDRESS     address of the daemon, if --address is not given
        WORKBENCH_TOKEN_FILE  file with the token for it, if --token-file is not given

      Exit status:
      \(ExitStatus.table)
      """,
    version: clientVersion,
    subcommands: [],
    groupedSubcommands: [
      CommandGroup(
        name: "Models", subcommands: [Load.self, Unload.self, ListModels.self, Show.self, Convert.self]),
      CommandGroup(
        name: "Text",
        subcommands: [Chat.self, ConversationCommand.self, Generate.self, Explain.self, Compare.self]),
      CommandGroup(name: "Scores", subcommands: [Score.self, Perplexity.self, Choose.self]),
      CommandGroup(
        name: "Stages",
        subcommands: [
          TemplateCommand.self, PluginCommand.self, Tokenize.self, Detokenize.self, TokenizerCommand.self,
          SamplerCommand.self, ProfileCommand.self,
        ]),
      CommandGroup(name: "Daemon", subcommands: [Status.self, TokenCommand.self]),
    ])

  // Also in each command, so that --address can be given before or after the command.
  @OptionGroup var connection: Connection

  /// Runs a command line and returns the exit status of the program.
  static func run(_ arguments: [String]) async -> ExitStatus {
    let console = Console.current
    do {
      try await console.interrupts.during {
        var command = try await asyncParseAsRoot(arguments)
        do {
          if var command = command as? any AsyncParsableCommand {
            try await command.run()
          } else {
            try command.run()
          }
        } catch let error as ValidationError {
          // Thrown here it would come with the usage of the program instead of the command's.
          throw ClientError(.usage, error.message)
        }
      }
      return .success
    } catch {
      return report(error, arguments, console)
    }
  }

  /// The one place where an error becomes lines and a number.
  private static func report(_ error: any Error, _ arguments: [String], _ console: Console) -> ExitStatus {
    switch error {
    case let error as ClientError:
      if error.status == .interrupted || error.status == .brokenPipe { return error.status }
      console.complain(error)
      return error.status
    case is CancellationError: return .interrupted
    case let code as ExitCode: return ExitStatus(rawValue: code.rawValue) ?? .failure
    default: break
    }
    let message = fullMessage(for: error)
    let status = exitCode(for: error)
    // A request for help succeeds even after a command that does not exist.
    if status == .success || status == .validationFailure, let mistake = CommandNames.mistake(in: arguments) {
      console.complain(mistake)
      return mistake.status
    }
    switch status {
    case .success:
      do throws(ClientError) { try console.printLine(message) } catch {
        return report(error, arguments, console)
      }
      return .success
    case .validationFailure:
      let text = message.hasPrefix("Error: ") ? String(message.dropFirst("Error: ".count)) : message
      console.note("workbench: \(text)\n")
      if let hint = DashValue.hint(for: text) { console.note("workbench: \(hint)\n") }
      return .usage
    default:
      console.note("workbench: \(error)\n")
      return .failure
    }
  }
}
