import ArgumentParser
import SwiftProtobuf
import Terminal
import WorkbenchAPI

/// Measures how well a model predicts a text.
struct Perplexity: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how well a model predicts a text.",
    discussion: """
      Every token of the text is scored once, after those before it; a text that is longer than the model's context is \
      cut into windows, as in lm-evaluation-harness (rolling log-likelihood). The first token is scored after BOS, or \
      EOS where the tokenizer has no BOS. The perplexity is e to the mean negative log-probability of a token; numbers \
      of models with different tokenizers compare only in bits per byte.

      Examples:
        workbench perplexity book.txt
        workbench perplexity book.txt --window 512 --overlap 256 --json
        git log | workbench perplexity -
      """)

  @Argument(help: "Text file; - is standard input.", completion: .file())
  var file: String

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one).", completion: Completions.models)
  var model: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens that the model sees at once (default: as many as its context holds).", valueName: "n"),
    transform: NumberArgument.count)
  var window: UInt32?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens that a window repeats from the one before, as context (default: 1).", valueName: "n"),
    transform: NumberArgument.count)
  var overlap: UInt32?

  @Flag(help: "Parse special tokens in the text, such as <|im_start|>.")
  var parseSpecial = false

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  /// The request, still without its model.
  func request(_ text: String) -> ProtoScoreRequest {
    var request = ProtoScoreRequest()
    request.document.text.text = text
    if let window { request.document.windowTokens = window }
    if let overlap { request.document.overlapTokens = overlap }
    if parseSpecial { request.parseSpecial = true }
    return request
  }

  func run() async throws {
    let console = Console.current
    let text = try FileInput.readText(file)
    guard !text.isEmpty else {
      throw ClientError(.usage, (file == "-" ? "standard input" : "'\(file)'") + " is empty")
    }
    try await connection.withClient { client in
      var request = request(text)
      request.model = try await client.model(model)
      var display = ProgressDisplay(title: "scoring", descriptor: console.error)
      defer { display.clear() }
      var (done, all) = (UInt64(0), UInt64(0))
      var finish: ProtoScoreFinish?
      try await client.stream(GenerationMethods.score, request) { response in
        if format.json { return try console.printLine(response.jsonString()) }
        if response.hasStart { all = response.start.tokens }
        done += response.scores.reduce(0) { $0 + UInt64($1.tokens) }
        if response.hasFinish { finish = response.finish }
        // Into a file, a line of progress would only be in the way.
        if isTerminal(console.error), all > 0 {
          display.show(fraction: Double(done) / Double(all), stage: "\(done) of \(all) tokens")
        }
      }
      display.clear()
      guard let finish else { return }
      try console.print(ScoreText.perplexity(finish, bytes: text.utf8.count))
    }
  }
}
