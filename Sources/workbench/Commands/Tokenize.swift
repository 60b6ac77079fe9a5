import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Turns text into token ids.
struct Tokenize: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the tokens of a text.",
    discussion: """
      Without TEXT, the text is read from standard input, byte for byte. The tokenizer's BOS, EOS and other special \
      tokens are added, and special tokens in the text are parsed, unless --no-special is given. With --tokenizer no \
      model is needed; the file can be a tokenizer.json, a tokenizer.model, a GGUF file, or a folder with one of them.

      Examples:
        workbench tokenize "Hello world"
        workbench tokenize --ids --no-special < prompt.txt
        workbench tokenize --tokenizer tokenizer.json "Hello world"
      """)

  @Argument(help: "Text to tokenize; several words are joined with spaces.")
  var text: [String] = []

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one).", completion: Completions.models)
  var model: String?

  @Option(
    help: "Tokenizer file, or the name of a plugin's tokenizer, instead of a model.", completion: .file())
  var tokenizer: String?

  @Flag(help: "Do not add or parse special tokens.")
  var noSpecial = false

  @Flag(help: "Print only the ids.")
  var ids = false

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func validate() throws {
    if model != nil, tokenizer != nil {
      throw ValidationError("--model and --tokenizer cannot be used together")
    }
  }

  func run() async throws {
    var request = ProtoTokenizeRequest()
    if text.isEmpty {
      guard let bytes = try FileInput.pipedBytes() else {
        throw ValidationError("no text: give one as an argument or on standard input")
      }
      request.text.append(contentsOf: bytes)
    } else {
      request.text.append(contentsOf: text.joined(separator: " ").utf8)
    }
    request.addSpecial = !noSpecial
    request.parseSpecial = !noSpecial
    if let tokenizer { request.tokenizer = try FileInput.onThisMachine(tokenizer) }
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
