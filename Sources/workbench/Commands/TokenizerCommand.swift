import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// What can be done with tokenizers.
struct TokenizerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer", abstract: "Compare tokenizers.", subcommands: [Compare.self])

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
