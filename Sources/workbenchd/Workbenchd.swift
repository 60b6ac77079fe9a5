import ArgumentParser
import Glibc
import Logs
import WorkerProtocol
import WorkerRole

/// A command that does something to its own process before it has a second thread.
protocol ProcessRole {
  /// Returns, or ends the process.
  func prepareProcess()
}

/// The daemon's command line: without a subcommand it serves.
struct Workbenchd: AsyncParsableCommand, ProcessRole {
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
    subcommands: [ServeCommand.self, WorkerCommand.self, TryPluginCommand.self, TrySandboxCommand.self])

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
      end(error)
    }
  }

  /// The command that `arguments` ask for; where they ask for help or are wrong, the process ends.
  static func parseOrExit() -> any ParsableCommand {
    do {
      return try parseAsRoot()
    } catch {
      end(error)
    }
  }

  /// Ends the process for what a command threw or its arguments ask for.
  static func end(_ error: any Error) -> Never {
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    // As the client begins its errors, and with the client's exit status.
    let message = fullMessage(for: error)
    let text = message.hasPrefix("Error: ") ? String(message.dropFirst("Error: ".count)) : message
    ProcessLog.failAtOnce("workbenchd", text, .text)
    exit(withError: ExitCode(2))
  }

  func prepareProcess() { options.checkResources() }

  func run() async throws {
    try await options.run()
  }
}

/// The same as no subcommand, under a name.
struct ServeCommand: AsyncParsableCommand, ProcessRole {
  static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

  // Named as in the root command, so that options can be given before or after `serve`.
  @OptionGroup var options: ServeOptions

  func prepareProcess() { options.checkResources() }

  func run() async throws {
    try await options.run()
  }
}

/// The worker process of a model; started by the daemon and hidden from the help.
struct WorkerCommand: AsyncParsableCommand, ProcessRole {
  static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

  @Option(help: "Plugin library that passed its trial; may be repeated.")
  var plugin: [String] = []

  func prepareProcess() { WorkerMain.prepare(plugins: plugin) }

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

/// Finds out what the kernel grants to lock a process in; started by the daemon and hidden from the help.
struct TrySandboxCommand: ParsableCommand, ProcessRole {
  static let configuration = CommandConfiguration(commandName: "try-sandbox", shouldDisplay: false)

  func prepareProcess() {
    Glibc.exit(SandboxMeans.exitStatus(SandboxMeans.enter(readable: [], requests: -1)))
  }
}
