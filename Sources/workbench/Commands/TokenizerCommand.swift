import ArgumentParser
import SwiftProtobuf
import Units
import WorkbenchAPI

/// The commands about tokenizers.
struct TokenizerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer", abstract: "Compare and export tokenizers; set a model's tokenizer.",
    subcommands: [Set.self, Compare.self, Export.self])

  /// Sets a model's tokenizer.
  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the tokenizer of a loaded model, from the next request on.",
      discussion: """
        The weights stay loaded, and requests under way keep the tokenizer that they started with. A tokenizer with \
        more tokens than the model's embedding has rows is refused.

        Examples:
          workbench tokenizer set smollm ./tokenizer.json
          workbench tokenizer set smollm --own
        """)

    @Argument(help: "Loaded model.", completion: Completions.models)
    var model: String

    @Argument(
      help:
        "A tokenizer.json, tokenizer.model or GGUF file, a folder with one of them, or the name of a plugin's.",
      completion: .file())
    var tokenizer: String?

    @Flag(help: "Go back to the model file's own tokenizer.")
    var own = false

    @OptionGroup var connection: Connection

    func validate() throws {
      if (tokenizer == nil) != own { throw ValidationError("give either a tokenizer or --own") }
    }

    func run() async throws {
      var request = ProtoUpdateModelRequest()
      request.name = model
      request.tokenizer = try tokenizer.map { try FileInput.onThisMachine($0) } ?? ""
      let response = try await connection.withClient { try await $0.call(ModelsMethods.update, request) }
      try Console.current.printLine(
        "\(model) now uses tokenizer \(response.model.tokenizer) with "
          + counted(response.model.vocabularySize, "token")
      )
      Console.current.note(untilRestart: response.untilRestart)
    }
  }

  /// Compares two tokenizers on a text.
  struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare how two tokenizers encode the same lines of text.",
      discussion: """
        Each tokenizer is a file (tokenizer.json, tokenizer.model or GGUF), a folder with one of them, or the name of \
        a plugin's tokenizer; no model is needed.

        Examples:
          workbench tokenizer compare llama3/tokenizer.json mistral.gguf corpus.txt
        """)

    @Argument(help: "First tokenizer.", completion: .file())
    var left: String

    @Argument(help: "Second tokenizer.", completion: .file())
    var right: String

    @Argument(help: "Text file to encode line by line; - is standard input.", completion: .file())
    var file: String

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoCompareTokenizersRequest()
      request.left = try FileInput.onThisMachine(left)
      request.right = try FileInput.onThisMachine(right)
      request.text = try FileInput.readText(file)
      let filled = request
      let response = try await connection.withClient { try await $0.call(TokenizersMethods.compare, filled) }
      try Console.current.print(
        format.json ? response.jsonString() + "\n" : TokenText.comparison(response, names: (left, right)))
    }
  }
}
