import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Continues a text without a template.
struct Generate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continue a text as it is, without a template.",
    usage: "workbench generate [<options>] [MODEL] [TEXT ...]",
    discussion: """
      If the first word is the name of a loaded model, that model is used; with --model all words are the \
      text. Without TEXT and --ids, or after TEXT if its last word is -, standard input is read. Prints exactly the continuation, \
      and on a terminal a newline.

      Examples:
        workbench generate smollm "Once upon a time" --max-tokens 40
        workbench generate --ids 1,403,9574 --temperature 0 --json
      """)

  @Argument(help: "Model name (optional) and text to continue; several words are joined with spaces.")
  var words: [String] = []

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one).", completion: Completions.models)
  var model: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Continue these token ids instead of a text.", valueName: "1,2,3"))
  var ids: String?

  @Flag(help: "Parse special tokens in the text, such as <|im_start|>.")
  var parseSpecial = false

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Whether to add BOS at the start (default: as the tokenizer says).")
  var bos: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Print the log-probability of each token of the text, and of n alternatives (0 to 20).", valueName: "n"),
    transform: NumberArgument.count)
  var promptLogprobs: UInt32?

  @OptionGroup(title: "Generation") var generation: GenerationArguments
  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  /// The request, still without its model.
  func request(text: [String]) throws -> ProtoGenerateRequest {
    var request = ProtoGenerateRequest()
    var options = generation.options
    if let promptLogprobs { options.promptLogprobs = promptLogprobs }
    if options != ProtoGenerationOptions() { request.options = options }
    if let ids {
      guard text.isEmpty else { throw ValidationError("a text cannot be used with --ids") }
      guard !parseSpecial, bos == nil else {
        throw ValidationError("--parse-special and --bos cannot be used with --ids")
      }
      request.tokens.ids = try TokenIDList.parse(ids)
      return request
    }
    if parseSpecial { request.parseSpecial = true }
    if let bos { request.addBos = bos }
    guard let text = try PromptInput.read(text, dropsLastNewline: false) else {
      throw ValidationError("no text to continue: give one as an argument or on standard input")
    }
    request.text = text
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
