import ArgumentParser
import Services

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
    subcommands: [Serve.self, WorkerCommand.self],
    defaultSubcommand: Serve.self)
}

/// What the daemon runs to hold a model; not for people.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

  func run() async {
    await WorkerMain.run()
  }
}
