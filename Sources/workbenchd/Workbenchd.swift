import ArgumentParser
import WorkerRole

/// The daemon's command line; `serve` is the default command.
@main
struct Workbenchd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbenchd",
    abstract: "Hosts language models behind a gRPC API.",
    discussion: """
      Listens on a unix socket that only its user can open, and on the network only with --listen. Each loaded model
      runs in its own worker process. SIGTERM lets running answers finish; a second SIGTERM stops at once.
      """,
    version: BuildVersion.text,
    subcommands: [Serve.self, WorkerCommand.self, TryPluginCommand.self],
    defaultSubcommand: Serve.self)
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
