import ArgumentParser
import WorkbenchAPI

/// Shows how the tokens of an answer were chosen.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer a prompt and show how each token was chosen.",
    usage: "workbench explain [<options>] [MODEL] [PROMPT ...]",
    discussion: """
      Prints a table for each of the first \(Limits.explainedTokens) tokens of the answer (--max-tokens \
      changes the number). Each line is a stage of the sampler chain: how many candidates it kept, the \
      probability that it removed with the others, the entropy in bits of what is left, and the rank and \
      probability of the token that was finally chosen. The first line is the model's own distribution. The \
      tokens are those of 'chat' with the same options and --seed.

      If the first word is the name of a loaded model, that model answers; with --model all words are the \
      prompt. Without PROMPT, or after it if its last word is -, standard input is read.

      Examples:
        workbench explain "Why is the sky blue?" --temperature 1.2 --seed 1
        workbench explain --raw "Once upon a time" --preset synthia
      """)

  @Argument(
    help: "Model name (optional) and prompt; several words are joined with spaces.",
    completion: Completions.models)
  var words: [String] = []

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one).", completion: Completions.models)
  var model: String?

  @Option(
    name: .shortAndLong, help: "Template to use (default: the model's).", completion: Completions.templates)
  var template: String?

  @Option(name: .shortAndLong, parsing: .unconditional, help: "System message, placed first.")
  var system: String?

  @Flag(help: "Continue the prompt as it is, without a template.")
  var raw = false

  @OptionGroup(title: "Generation") var generation: GenerationArguments
  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func validate() throws {
    if raw, template != nil || system != nil {
      throw ValidationError("--raw cannot be used with --template or --system")
    }
  }

  private func prompt(_ words: [String]) throws -> String {
    guard let prompt = try PromptInput.read(words, dropsLastNewline: !raw) else {
      throw ValidationError("no prompt: give one as an argument or on standard input")
    }
    return prompt
  }

  private var options: ProtoGenerationOptions {
    var options = generation.options
    options.trace = true
    if !options.hasMaxTokens { options.maxTokens = Limits.explainedTokens }
    return options
  }

  func run() async throws {
    let printer = AnswerPrinter(
      json: format.json, verbose: generation.verbose, logprobs: generation.logprobs != nil, trace: true)
    let answer = try await connection.withClient { client in
      let (model, words) = try await client.modelAndText(model, words)
      let prompt = try prompt(words)
      if raw {
        var request = ProtoGenerateRequest()
        request.model = model
        request.text = prompt
        request.options = options
        return try await printer.run(client, GenerationMethods.generate, request)
      }
      var conversation = Conversation(model: model)
      conversation.template = template
      conversation.system = system
      conversation.options = options
      conversation.messages = [MessageInput.message("user", prompt)]
      return try await printer.run(client, GenerationMethods.chat, conversation.request)
    }
    if answer.interrupted { throw ClientError.interrupted }
  }
}
