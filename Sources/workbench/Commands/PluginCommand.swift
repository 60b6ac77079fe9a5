import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// The commands about plugins.
struct PluginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "Inspect the plugin libraries.", subcommands: [List.self])

  /// Lists the libraries.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the plugin libraries, what each offers, and why one was refused.",
      discussion: """
        workbenchd tries each library NAME.so in a plugin folder (workbenchd --plugin-dir) at start-up, in a separate \
        process. COST is the average time of a call in the running workers or, before the first call, its time in the \
        trial (for a sampler, with 32,000 candidates). A plugin that fails three times is disabled for that model until \
        the model is loaded again; one that ends three workers is quarantined until the daemon restarts.
        """)

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let response = try await connection.withClient { try await $0.plugins() }
      try Console.current.print(format.json ? response.jsonString() + "\n" : PluginText.table(response))
    }
  }
}
