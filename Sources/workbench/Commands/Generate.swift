import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Continues a text as it stands.
struct Generate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continue a text as it stands, without a template.",
    usage: "workbench generate [<options>] [MODEL] [TEXT ...]",
    discussion: """
      The first word is the model if it is the name of a loaded one; with --model all words are the text. \
      Without TEXT and --ids standard input is taken as it is. Prints the continuation exactly; on a \
      terminal a newline is added.

      Examples:
        workbench generate smollm "Once upon a time" --max-tokens 40
        workbench generate --ids 1,403,9574 --temperature 0 --json
      """)

  @Argument(help: "The model, and the text to continue; several words are joined with a blank.")
  var words: [String] = []

  @Option(name: .shortAndLong, help: "The model (default: the only one).", completion: Completions.models)
  var model: String?

  @Option(help: ArgumentHelp("Continue these token ids, taken as they are.", valueName: "1,2,3"))
  var ids: String?

  @Flag(help: "Turn the text of special tokens into their id.")
  var parseSpecial = false

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Whether BOS comes first (default: as the model's tokenizer says).")
  var bos: Bool?

  @OptionGroup(title: "Generation") var generation: GenerationArguments
  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  /// The request but for the model.
  func request(text: [String]) throws -> ProtoGenerateRequest {
    var request = ProtoGenerateRequest()
    let options = generation.options
    if options != ProtoGenerationOptions() { request.options = options }
    if let ids {
      guard text.isEmpty else { throw ValidationError("a text and --ids exclude each other") }
      guard !parseSpecial, bos == nil else {
        throw ValidationError("--parse-special and --bos are for text; --ids are taken as they are")
      }
      request.tokens.ids = try TokenIDList.parse(ids)
      return request
    }
    if parseSpecial { request.parseSpecial = true }
    if let bos { request.addBos = bos }
    if !text.isEmpty {
      request.text = text.joined(separator: " ")
    } else if let input = try FileInput.pipedText() {
      request.text = input
    } else {
      throw ValidationError("give a text to continue, or one on standard input")
    }
    return request
  }

  func run() async throws {
    let printer = AnswerPrinter(
      json: format.json, verbose: generation.verbose, logprobs: generation.logprobs != nil,
      alwaysEndsLine: false)
    let answer = try await connection.withClient { client in
      let (model, text) = try await client.modelAndText(model, words)
      var request = try request(text: text)
      request.model = model
      return try await printer.run(client, GenerationMethods.generate, request)
    }
    if answer.interrupted { throw ClientError.interrupted }
  }
}
