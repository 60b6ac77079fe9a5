import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// What can be done with samplers.
struct SamplerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sampler", abstract: "Look at the stages that choose tokens.", subcommands: [List.self])

  /// Lists the stages.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the sampler stages with their parameters, the default chain and the presets.",
      discussion: """
        A chain of them is given to 'chat' and 'generate' with --stage, in order:
          workbench chat "Hello" --stage top_k:top_k=40 --stage dist

        A preset is a file NAME.preset.yaml in a plugin folder of the daemon, used with --preset NAME.
        """)

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let response = try await connection.withClient { client in
        try await client.call(SamplersMethods.list, ProtoListSamplersRequest())
      }
      try Console.current.print(format.json ? response.jsonString() + "\n" : SamplerText.text(response))
    }
  }
}
