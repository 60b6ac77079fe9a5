import ArgumentParser
import Terminal
import Units
import WorkbenchAPI

/// Answers questions in several ways and shows where the answers part.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer a question in several ways and show where the answers part.",
    usage: "workbench compare [<options>] [MODEL] [QUESTION ...]",
    discussion: """
      Repeat an option to compare its values; if several are repeated, every combination is a variant. All variants have \
      the same seed, unless seeds are compared, and are answered at the same time. On a terminal that is wide enough the answers stand \
      beside each other. --questions reads many questions, and ends with a summary.

      Where prompts differ, each answer is also scored after the prompts of the others: LOGPROB UNDER is the mean of the \
      natural logarithms of its tokens' probabilities after that prompt, before samplers.

      Examples:
        workbench compare smollm "Why is the sky blue?" --template chatml --template alpaca
        workbench compare "Hello" --temperature 0 --temperature 0.8 --temperature 1.2
        workbench compare --model synatra --template chatml --template alpaca --questions questions.jsonl --json
      """)

  @Argument(
    help: "Model name (optional) and question; several words are joined with spaces.",
    completion: Completions.models)
  var words: [String] = []

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one); may be repeated.",
    completion: Completions.models)
  var model: [String] = []

  @Option(
    name: .shortAndLong, help: "Template to use (default: the model's); may be repeated.",
    completion: Completions.templates)
  var template: [String] = []

  @Option(
    help: ArgumentHelp(
      "Profile to use ('profile list' lists them; default: the model's); none: without; may be repeated.",
      valueName: "name"), completion: Completions.profiles)
  var profile: [String] = []

  @Option(
    help: ArgumentHelp("Sampler preset ('sampler list' lists them); may be repeated.", valueName: "name"))
  var preset: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Sampling temperature; 0 always takes the most likely token; may be repeated.", valueName: "x"),
    transform: NumberArgument.decimal)
  var temperature: [Float] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Random seed (default: a new one, the same for all); may be repeated.", valueName: "n"),
    transform: NumberArgument.seed)
  var seed: [UInt64] = []

  @Option(
    name: .customLong("max-tokens"), parsing: .unconditional,
    help: ArgumentHelp("Maximum number of tokens of each answer.", valueName: "n"),
    transform: NumberArgument.tokens)
  var maxTokens: UInt32?

  @Option(name: .shortAndLong, parsing: .unconditional, help: "System message, placed first.")
  var system: String?

  @Option(
    help: ArgumentHelp(
      "File with a question a line: a text, or a JSON object with prompt or messages; - is standard input.",
      valueName: "file"), completion: .file())
  var questions: String?

  @Flag(help: "Print a JSON object a line: each comparison, then with --questions the summary.")
  var json = false

  @OptionGroup var connection: Connection

  /// The questions; `words` are the only one unless a file is named.
  func read(_ words: [String]) throws -> [Question] {
    if let questions {
      guard words.isEmpty else { throw ValidationError("a question cannot be used with --questions") }
      let name = questions == "-" ? "standard input" : "'\(questions)'"
      return try Question.parse(try FileInput.readText(questions), name: name, system: system)
    }
    guard let text = try PromptInput.read(words, dropsLastNewline: true) else {
      throw ValidationError("no question: give one as an argument or on standard input, or --questions FILE")
    }
    return [Question(text, system: system)]
  }

  /// What is compared, with models that were named or found.
  func choices(models: [String]) -> Variant.Choices {
    Variant.Choices(
      models: models, templates: template, profiles: profile, presets: preset, temperatures: temperature,
      seeds: seed.isEmpty ? [UInt64.random(in: 0...UInt64(UInt32.max))] : seed)
  }

  func run() async throws {
    var options = ProtoGenerationOptions()
    if let maxTokens { options.maxTokens = maxTokens }
    // What cannot be compared is refused before a daemon is asked.
    _ = try choices(models: model).variants()
    let console = Console.current
    let failures = try await connection.withClient { [options] client in
      let (found, words) = try await client.modelAndText(model.first, words)
      let variants = try choices(models: model.isEmpty ? [found] : model).variants()
      let asked = try read(words)
      var summary = ComparisonSummary(variants)
      var failures: [ClientError] = []
      for question in asked {
        let comparison = try await Comparison.ask(client, question, variants, options)
        summary.add(comparison)
        failures += comparison.failures
        if json {
          try console.printLine(comparison.json)
        } else {
          if questions != nil {
            try console.print(terminal: "Question: \(SafeText.oneLine(question.title))\n\n")
          }
          try console.print(
            terminal: comparison.text(columns: console.columns) + (questions == nil ? "" : "\n"))
        }
      }
      if questions != nil {
        try json
          ? console.printLine(summary.json) : console.print(terminal: summary.text(columns: console.columns))
      }
      return failures
    }
    guard let first = failures.first else { return }
    let others = failures.count > 1 ? " (and \(counted(failures.count - 1, "other failure")))" : ""
    throw ClientError(first.status, first.message + others, hint: first.hint)
  }
}
