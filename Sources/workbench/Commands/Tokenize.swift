import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Turns text into token ids.
struct Tokenize: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the tokens of a text.",
    discussion: """
      Without TEXT standard input is taken, byte for byte. BOS, EOS and whatever else the tokenizer puts around a text \
      is added, and the text of special tokens becomes their id, unless --no-special says otherwise. With --tokenizer \
      no model is needed: the file is tokenizer.json, tokenizer.model, GGUF, or a folder with one of them.

      Examples:
        workbench tokenize "Hello world"
        workbench tokenize --ids --no-special < prompt.txt
        workbench tokenize --tokenizer tokenizer.json "Hello world"
      """)

  @Argument(help: "The text; several words are joined with a blank.")
  var text: [String] = []

  @Option(name: .shortAndLong, help: "The model (default: the only one).", completion: Completions.models)
  var model: String?

  @Option(
    help: "A file with a tokenizer, or the name of a plugin's, instead of a model.", completion: .file())
  var tokenizer: String?

  @Flag(help: "Add no special token, and take the text of special tokens as text.")
  var noSpecial = false

  @Flag(help: "Print the ids alone.")
  var ids = false

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func validate() throws {
    if model != nil, tokenizer != nil { throw ValidationError("--model and --tokenizer exclude each other") }
  }

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
    request.addSpecial = !noSpecial
    request.parseSpecial = !noSpecial
    if let tokenizer { request.tokenizer = FileInput.onThisMachine(tokenizer) }
    let filled = request
    let response = try await connection.withClient { client in
      var request = filled
      if !request.hasTokenizer { request.model = try await client.model(model) }
      return try await client.call(TokenizersMethods.tokenize, request)
    }
    if format.json { return try Console.current.printLine(response.jsonString()) }
    try Console.current.print(
      ids ? TokenText.ids(response.tokens.map(\.id)) : TokenText.table(response.tokens))
  }
}
