import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// What can be done with samplers.
struct SamplerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sampler", abstract: "Look at the stages that choose tokens, and give a model a preset.",
    subcommands: [List.self, Set.self])

  /// Sets a model's preset.
  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Set the sampler preset of a loaded model, for requests that give no preset, profile or chain.",
      discussion: """
        Other options of a request come over it. A model whose card is known has the card's until another is set; \
        'default' has llama.cpp's order and defaults.

        Examples:
          workbench sampler set smollm careful
          workbench sampler set synthia --own
        """)

    @Argument(help: "The model.", completion: Completions.models)
    var model: String

    @Argument(help: "The preset ('sampler list' has them).")
    var preset: String?

    @Flag(help: "Back to the model card's, if it is a known one.")
    var own = false

    @OptionGroup var connection: Connection

    func validate() throws {
      if (preset == nil) != own { throw ValidationError("name a preset, or say --own") }
    }

    func run() async throws {
      var request = ProtoUpdateModelRequest()
      request.name = model
      request.preset = preset ?? ""
      let response = try await connection.withClient { try await $0.call(ModelsMethods.update, request) }
      let preset = response.model.preset
      try Console.current.printLine(
        "\(model) uses \(preset.isEmpty ? "no preset" : "the preset \(preset)") now")
    }
  }

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
