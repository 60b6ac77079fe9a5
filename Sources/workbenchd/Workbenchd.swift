import ArgumentParser
import Foundation
import WorkerRole

/// The daemon's command line: without a subcommand it serves.
@main
struct Workbenchd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbenchd",
    abstract: "Serve language models over gRPC.",
    usage: "workbenchd [<options>]",
    discussion: """
      Listens on a unix socket that only its user can open, and on the network only with --listen. Each loaded \
      model runs in its own worker process. SIGTERM lets running answers finish; a second SIGTERM stops at once.

      Examples:
        workbenchd --model smollm.gguf=smollm
        workbenchd --listen 127.0.0.1:50051 --insecure-listen
        workbenchd --config workbenchd.yaml
      """,
    version: BuildVersion.text,
    subcommands: [ServeCommand.self, WorkerCommand.self, TryPluginCommand.self])

  @OptionGroup var options: ServeOptions

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      // As the client begins its errors, and with the client's exit status.
      let message = fullMessage(for: error)
      let text = message.hasPrefix("Error: ") ? String(message.dropFirst("Error: ".count)) : message
      FileHandle.standardError.write(Data("workbenchd: \(text)\n".utf8))
      exit(withError: ExitCode(2))
    }
  }

  func run() async throws {
    try await options.run()
  }
}

/// The same as no subcommand, under a name.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

  // Named as in the root command, so that options can be given before or after `serve`.
  @OptionGroup var options: ServeOptions

  func run() async throws {
    try await options.run()
  }
}

/// The worker process of a model; started by the daemon and hidden from the help.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

  @Option(help: "Plugin library that passed its trial; may be repeated.")
  var plugin: [String] = []

  func run() async {
    await WorkerMain.run(plugins: plugin)
  }
}

/// The trial of a plugin library; started by the daemon and hidden from the help.
struct TryPluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "try-plugin", shouldDisplay: false)

  @Argument(help: "Plugin library.")
  var path: String

  func run() {
    PluginTrialMain.run(path)
  }
}
