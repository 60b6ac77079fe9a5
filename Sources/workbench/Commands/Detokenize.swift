import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Turns token ids into text.
struct Detokenize: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the text of token ids.",
    discussion: """
      Prints exactly the bytes of the tokens, and on a terminal a newline. Without ids, they are read from \
      standard input.

      Examples:
        workbench detokenize 19556 905
        workbench tokenize --ids "Hello world" | workbench detokenize
      """)

  @Argument(help: "Token ids, separated by spaces or commas.")
  var ids: [String] = []

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one).", completion: Completions.models)
  var model: String?

  @Flag(help: "Leave control tokens out.")
  var skipSpecial = false

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func run() async throws {
    guard let text = try ids.isEmpty ? FileInput.pipedText() : ids.joined(separator: " ") else {
      throw ValidationError("no token ids: give them as arguments or on standard input")
    }
    var request = ProtoDetokenizeRequest()
    request.ids = try TokenIDList.parse(text)
    if skipSpecial { request.skipSpecial = true }
    let filled = request
    let response = try await connection.withClient { client in
      var request = filled
      request.model = try await client.model(model)
      return try await client.call(TokenizersMethods.detokenize, request)
    }
    if format.json { return try Console.current.printLine(response.jsonString()) }
    try Console.current.print(bytes: Array(response.bytes))
    try Console.current.endText(after: response.text)
  }
}
