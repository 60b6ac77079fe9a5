import ArgumentParser
import WorkbenchAPI

/// Shows how probable each of a few answers is.
struct Choose: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how probable each of a few answers to a question is.",
    usage: "workbench choose [<options>] [MODEL] QUESTION ANSWER ANSWER ...",
    discussion: """
      Asks the question through the model's template and profile, as 'chat' does, and scores each answer in place of the model's own, without \
      generating anything. PROBABILITY is that of the answer among those given, RAW that of the answer among \
      everything that the model could say there. What the model would say after an answer does not count, not even \
      whether it would end its turn, as in the multiple choice of lm-evaluation-harness: Yes includes "Yes, it is", \
      and is never less probable. A long answer has a small probability even if the model would give it; --per-token \
      compares the means of the tokens' log-probabilities instead of their sums. If the first word is the name of a \
      loaded model, that model is used; with --model no word is.

      Examples:
        workbench choose "Is the sky blue? Answer with Yes or No." Yes No
        workbench choose --raw "The capital of France is" " Paris" " Rome" " Berlin"
        workbench choose --per-token "What is the sun?" "A star." "A planet that is very hot." --json
      """)

  @Argument(
    help: ArgumentHelp("Model name (optional), question, and two or more answers.", valueName: "words"))
  var words: [String] = []

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one).", completion: Completions.models)
  var model: String?

  @Option(
    name: .shortAndLong, help: "Template to use (default: the model's).", completion: Completions.templates)
  var template: String?

  @Option(
    help: "Profile to use ('profile list' lists them; default: the model's); none: without.",
    completion: Completions.profiles)
  var profile: String?

  @Option(name: .shortAndLong, parsing: .unconditional, help: "System message, placed first.")
  var system: String?

  @Flag(help: "Use the question as it is, without a template; the answers then need their own spaces.")
  var raw = false

  @Flag(help: "Leave out the beginning of a prompt that is too long; without it, that is an error.")
  var truncate = false

  @Flag(help: "Compare the answers by their mean log-probability per token.")
  var perToken = false

  @Flag(help: "Print the answers as a JSON object.")
  var json = false

  @OptionGroup var connection: Connection

  /// The request, still without its model.
  func request(_ words: [String]) throws -> ProtoScoreRequest {
    guard words.count >= 3 else { throw ValidationError("give a question and at least two answers") }
    let answers = words.dropFirst()
    if let twice = answers.first(where: { answer in answers.count { $0 == answer } > 1 }) {
      throw ValidationError("the answer '\(twice)' is given twice")
    }
    var request = ProtoScoreRequest()
    if raw {
      guard template == nil, profile == nil, system == nil else {
        throw ValidationError("--template, --profile and --system cannot be used with --raw")
      }
      request.continuations.text = words[0]
    } else {
      if let system { request.continuations.chat.messages.append(MessageInput.message("system", system)) }
      request.continuations.chat.messages.append(MessageInput.message("user", words[0]))
      if let template { request.continuations.chat.template = template }
      if let profile { request.continuations.chat.profile = profile }
    }
    request.continuations.continuations = answers.map { answer in
      var text = ProtoTextOrTokens()
      text.text = answer
      return text
    }
    if truncate { request.continuations.truncateContext = true }
    return request
  }

  func run() async throws {
    let console = Console.current
    try await connection.withClient { client in
      let (model, words) = try await client.modelAndText(model, words)
      var request = try request(words)
      request.model = model
      var scores: [ProtoTextScore] = []
      try await client.stream(GenerationMethods.score, request) { scores += $0.scores }
      scores.sort { $0.index < $1.index }
      let choices = Choices(Array(words.dropFirst()), scores, perToken: perToken)
      if json { return try console.printLine(choices.json(model: model)) }
      try console.print(choices.table)
    }
  }
}
