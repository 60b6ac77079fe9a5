import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// The commands about samplers.
struct SamplerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sampler", abstract: "Inspect sampler stages and presets; set a model's preset.",
    subcommands: [List.self, Set.self])

  /// Sets a model's preset.
  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Set the sampler preset of a loaded model, for requests without a preset, an order by name or a chain.",
      discussion: """
        Other options of a request override the preset. A model with a profile uses the profile's samplers until a \
        preset is set; 'default' has llama.cpp's order and defaults.

        Examples:
          workbench sampler set smollm careful
          workbench sampler set synthia --own
        """)

    @Argument(help: "Loaded model.", completion: Completions.models)
    var model: String

    @Argument(help: "Preset ('sampler list' lists them).")
    var preset: String?

    @Flag(help: "Go back to the profile's samplers, if the model has a profile.")
    var own = false

    @OptionGroup var connection: Connection

    func validate() throws {
      if (preset == nil) != own { throw ValidationError("give either a preset or --own") }
    }

    func run() async throws {
      var request = ProtoUpdateModelRequest()
      request.name = model
      request.preset = preset ?? ""
      let response = try await connection.withClient { try await $0.call(ModelsMethods.update, request) }
      let preset = response.model.preset
      try Console.current.printLine(
        "\(model) now uses \(preset.isEmpty ? samplers(of: response.model) : "preset \(preset)")")
      Console.current.note(untilRestart: response.untilRestart)
    }

    private func samplers(of model: ProtoModel) -> String {
      model.profile.isEmpty ? "no preset" : "the samplers of its profile \(model.profile)"
    }
  }

  /// Lists the stages.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the sampler stages with their parameters, the default chain and the presets.",
      discussion: """
        'chat', 'generate' and 'explain' take a chain of stages with --stage, in order:
          workbench chat "Hello" --stage top_k:top_k=40 --stage dist

        A preset is a file NAME.preset.yaml in a plugin folder of the daemon, used with --preset NAME.
        """)

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let response = try await connection.withClient { try await $0.samplers() }
      try Console.current.print(format.json ? response.jsonString() + "\n" : SamplerText.text(response))
    }
  }
}
