import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// What can be done with tokenizers.
struct TokenizerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer", abstract: "Compare tokenizers, and give a model another one.",
    subcommands: [Set.self, Compare.self])

  /// Sets a model's tokenizer.
  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the tokenizer of a loaded model, from the next request on.",
      discussion: """
        The weights stay where they are, and requests under way keep the tokenizer that they started with. One with \
        more tokens than the model's embedding has rows is refused.

        Examples:
          workbench tokenizer set smollm ./tokenizer.json
          workbench tokenizer set smollm --own
        """)

    @Argument(help: "The model.", completion: Completions.models)
    var model: String

    @Argument(
      help: "tokenizer.json, tokenizer.model, GGUF, a folder with one of them, or a plugin's name.",
      completion: .file())
    var tokenizer: String?

    @Flag(help: "Back to the model file's own.")
    var own = false

    @OptionGroup var connection: Connection

    func validate() throws {
      if (tokenizer == nil) != own { throw ValidationError("name a tokenizer, or say --own") }
    }

    func run() async throws {
      var request = ProtoUpdateModelRequest()
      request.name = model
      request.tokenizer = tokenizer.map { FileInput.onThisMachine($0) } ?? ""
      let response = try await connection.withClient { try await $0.call(ModelsMethods.update, request) }
      try Console.current.printLine(
        "\(model) uses the tokenizer \(response.model.tokenizer) now, of \(response.model.vocabularySize) tokens"
      )
    }
  }

  /// Compares two on a text.
  struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what two tokenizers make of the same lines of text.",
      discussion: """
        Each is a file (tokenizer.json, tokenizer.model, GGUF, or a folder with one of them) or the name of a \
        plugin's tokenizer; no model is needed.

        Examples:
          workbench tokenizer compare llama3/tokenizer.json mistral.gguf corpus.txt
        """)

    @Argument(help: "A tokenizer.", completion: .file())
    var left: String

    @Argument(help: "Another.", completion: .file())
    var right: String

    @Argument(help: "A text file; - is standard input.", completion: .file())
    var file: String

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoCompareTokenizersRequest()
      request.left = FileInput.onThisMachine(left)
      request.right = FileInput.onThisMachine(right)
      request.text = try FileInput.readText(file)
      let filled = request
      let response = try await connection.withClient { try await $0.call(TokenizersMethods.compare, filled) }
      try Console.current.print(
        format.json ? response.jsonString() + "\n" : TokenText.comparison(response, names: (left, right)))
    }
  }
}
