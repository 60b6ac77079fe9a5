import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// What can be done with plugins.
struct PluginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "Look at the plugin libraries.", subcommands: [List.self])

  /// Lists the libraries.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the plugin libraries, what each offers, and why one was refused.",
      discussion: """
        A library NAME.so in a folder that workbenchd was told of with --plugin-dir is tried at start-up, in a \
        process of its own. COST is what a call takes on average in the workers that run now, or, before there was one, \
        what it took at start-up (32,000 candidates for a sampler). One that faults three times is disabled for that \
        model until it is loaded again; one that ends three workers is quarantined until the daemon starts again.
        """)

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let response = try await connection.withClient { client in
        try await client.call(PluginsMethods.list, ProtoListPluginsRequest())
      }
      try Console.current.print(format.json ? response.jsonString() + "\n" : PluginText.table(response))
    }
  }
}
