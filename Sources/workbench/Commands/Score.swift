import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Shows how probable continuations of a text are.
struct Score: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how probable continuations of a text are.",
    usage: "workbench score [<options>] [MODEL] CONTEXT CONTINUATION ...",
    discussion: """
      Prints, for each continuation, the sum of the natural logarithms of its tokens' probabilities by the model \
      itself (temperature 1, no sampler), that sum per token, and whether each token is the most probable one in its \
      place. Nothing is generated, and the context is computed once. Spaces at its end count as the beginning of each \
      continuation. If the first word is the name of a loaded model, that model is used; with --model no word is. A \
      CONTEXT of - is standard input; if it is empty, continuations are scored after BOS, or EOS without BOS.

      Examples:
        workbench score "The capital of France is" " Paris" " London"
        workbench score --logprobs 3 "Once upon a" " time, there was"
        workbench score --ids 504,3575,282,4649,314 7042 --json
      """)

  @Argument(
    help: ArgumentHelp("Model name (optional), context, and one or more continuations.", valueName: "words"))
  var words: [String] = []

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one).", completion: Completions.models)
  var model: String?

  @Flag(help: "Read context and continuations as token ids, such as 1,2,3.")
  var ids = false

  @Flag(help: "Parse special tokens in the texts, such as <|im_start|>.")
  var parseSpecial = false

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Whether to add BOS to the context (default: as the tokenizer says).")
  var bos: Bool?

  @Flag(help: "Leave out the beginning of a context that is too long; without it, that is an error.")
  var truncate = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Print each token with its log-probability, and n alternatives (0 to 20).", valueName: "n"),
    transform: NumberArgument.count)
  var logprobs: UInt32?

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  /// The request, still without its model.
  func request(_ words: [String]) throws -> ProtoScoreRequest {
    guard words.count >= 2 else {
      throw ValidationError("give a context and at least one continuation")
    }
    guard !ids || !parseSpecial && bos == nil else {
      throw ValidationError("--parse-special and --bos cannot be used with --ids")
    }
    let context = words[0] == "-" ? try FileInput.readText("-") : words[0]
    var request = ProtoScoreRequest()
    if ids {
      request.continuations.tokens.ids = try TokenIDList.parse(context)
    } else {
      request.continuations.text = context
    }
    request.continuations.continuations = try words.dropFirst().map { word in
      var text = ProtoTextOrTokens()
      if ids { text.tokens.ids = try TokenIDList.parse(word) } else { text.text = word }
      return text
    }
    if truncate { request.continuations.truncateContext = true }
    if parseSpecial { request.parseSpecial = true }
    if let bos { request.addBos = bos }
    if let logprobs { request.topLogprobs = logprobs }
    return request
  }

  func run() async throws {
    let console = Console.current
    try await connection.withClient { client in
      let (model, words) = try await client.modelAndText(model, words)
      var request = try request(words)
      request.model = model
      var scores: [ProtoTextScore] = []
      try await client.stream(GenerationMethods.score, request) { response in
        if format.json { return try console.printLine(response.jsonString()) }
        for score in response.scores { scores.add(score) }
      }
      if format.json { return }
      scores.sort { $0.index < $1.index }
      try console.print(ScoreText.table(scores, of: Array(words.dropFirst())))
      for score in scores where !score.scored.isEmpty {
        try console.print("\n" + ScoreText.tokens(score.scored, columns: console.columns))
      }
    }
  }
}
