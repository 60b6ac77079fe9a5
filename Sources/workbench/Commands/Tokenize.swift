import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Turns text into token ids.
struct Tokenize: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the tokens of a text.",
    discussion: """
      Without TEXT standard input is taken, byte for byte.

      Examples:
        workbench tokenize "Hello world"
        workbench tokenize --ids --add-special < prompt.txt
      """)

  @Argument(help: "The text; several words are joined with a blank.")
  var text: [String] = []

  @Option(name: .shortAndLong, help: "The model (default: the only one).", completion: Completions.models)
  var model: String?

  @Flag(help: "Add BOS and EOS where the model's tokenizer does.")
  var addSpecial = false

  @Flag(help: "Turn the text of special tokens into their id.")
  var parseSpecial = false

  @Flag(help: "Print the ids alone.")
  var ids = false

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func run() async throws {
    var request = ProtoTokenizeRequest()
    if text.isEmpty {
      guard let bytes = try FileInput.pipedBytes() else {
        throw ValidationError("give a text, or one on standard input")
      }
      request.text.append(contentsOf: bytes)
    } else {
      request.text.append(contentsOf: text.joined(separator: " ").utf8)
    }
    if addSpecial { request.addSpecial = true }
    if parseSpecial { request.parseSpecial = true }
    let filled = request
    let response = try await connection.withClient { client in
      var request = filled
      request.model = try await client.model(model)
      return try await client.call(TokenizersMethods.tokenize, request)
    }
    if format.json { return try Console.current.printLine(response.jsonString()) }
    try Console.current.print(
      ids ? TokenText.ids(response.tokens.map(\.id)) : TokenText.table(response.tokens))
  }
}
