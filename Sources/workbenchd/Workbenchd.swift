import ArgumentParser
import WorkerRole

/// The daemon's binary: `serve` unless told otherwise.
@main
struct Workbenchd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbenchd",
    abstract: "Hosts language models behind a gRPC API.",
    discussion: """
      Listens on a unix socket that only its user can open; on the network only when told with --listen. Each loaded
      model lives in a worker process of its own. SIGTERM lets running streams end; a second one ends at once.
      """,
    version: BuildVersion.text,
    subcommands: [Serve.self, WorkerCommand.self, TryPluginCommand.self],
    defaultSubcommand: Serve.self)
}

/// What the daemon runs to hold a model; not for people.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

  @Option(help: "A plugin library that was tried; may be repeated.")
  var plugin: [String] = []

  func run() async {
    await WorkerMain.run(plugins: plugin)
  }
}

/// What the daemon runs to find out what a plugin library does; not for people.
struct TryPluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "try-plugin", shouldDisplay: false)

  @Argument(help: "The library.")
  var path: String

  func run() {
    PluginTrialMain.run(path)
  }
}
