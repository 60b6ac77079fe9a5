import ArgumentParser
import WorkbenchAPI

/// Tells how the tokens of an answer were picked.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer a prompt and tell how each token was picked.",
    usage: "workbench explain [<options>] [MODEL] [PROMPT ...]",
    discussion: """
      Prints a table for each of the first \(Limits.explainedTokens) tokens of the answer (--max-tokens asks for \
      more): a line for each stage of the sampler chain, with how many candidates it kept, the probability \
      that it removed with the others, the entropy in bits of what it left, and the place and probability of \
      the token that came out in the end. The first line is the model's own distribution. The tokens are those \
      of 'chat' with the same options and --seed.

      The first word is the model if it is the name of a loaded one; with --model all words are the prompt. \
      Without PROMPT standard input is the prompt.

      Examples:
        workbench explain "Why is the sky blue?" --temperature 1.2 --seed 1
        workbench explain --raw "Once upon a time" --preset synthia
      """)

  @Argument(
    help: "The model, and the prompt; several words are joined with a blank.", completion: Completions.models)
  var words: [String] = []

  @Option(name: .shortAndLong, help: "The model (default: the only one).", completion: Completions.models)
  var model: String?

  @Option(
    name: .shortAndLong, help: "The template (default: the model's).", completion: Completions.templates)
  var template: String?

  @Option(name: .shortAndLong, help: "A message of the system, before the prompt.")
  var system: String?

  @Flag(help: "Continue the prompt as it stands, without a template.")
  var raw = false

  @OptionGroup(title: "Generation") var generation: GenerationArguments
  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func validate() throws {
    if raw, template != nil || system != nil {
      throw ValidationError("--raw uses no template: --template and --system have no effect")
    }
  }

  private func prompt(_ words: [String]) throws -> String {
    if !words.isEmpty { return words.joined(separator: " ") }
    guard var input = try FileInput.pipedText(), !input.isEmpty else {
      throw ValidationError("give a prompt, or one on standard input")
    }
    if !raw, input.hasSuffix("\n") { input.removeLast() }
    return input
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
