import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

extension TemplateCommand {
  /// Prints the prompt that a template makes of messages.
  struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the exact prompt that a template makes of messages.",
      discussion: """
        The messages come from --messages, --system (a system message) and PROMPT (a user message). The JSON \
        file is an array of messages, or has "messages" and optionally "tools", "add_generation_prompt", \
        "bos_token" and "eos_token"; any other key becomes a variable of the template. No newline is added \
        at the end.

        Examples:
          workbench template render --template chatml "Hello"
          workbench template render --model smollm --input conversation.json --spans
          workbench template render --source my.jinja --input chat.json > prompt.txt
        """)

    @Argument(help: "User message, placed last; several words are joined with spaces.")
    var prompt: [String] = []

    @Option(
      name: .shortAndLong, help: "Loaded model that gives the template, BOS, EOS and token ids.",
      completion: Completions.models)
    var model: String?

    @Option(
      name: .shortAndLong, help: "Template to use (default: the model's).", completion: Completions.templates)
    var template: String?

    @Option(help: "File with the source of a template; - is standard input.", completion: .file())
    var source: String?

    @Option(
      help: "Profile to use ('profile list' lists them; default: the model's); none: without.",
      completion: Completions.profiles)
    var profile: String?

    @Option(name: .shortAndLong, parsing: .unconditional, help: "System message, placed first.")
    var system: String?

    @OptionGroup(title: "Template") var given: TemplateArguments

    @Flag(help: "Print where each part of the prompt comes from.")
    var spans = false

    @Flag(help: "Print the token ids that the model would receive.")
    var ids = false

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func validate() throws {
      if template != nil, source != nil {
        throw ValidationError("--template and --source cannot be used together")
      }
      if source == "-", given.messages == "-" {
        throw ValidationError("--source and --messages cannot both be standard input")
      }
      if model == nil, template == nil, source == nil {
        throw ValidationError("no template: give --template, --source, or --model for the model's own")
      }
      if model == nil, ids { throw ValidationError("--ids needs --model") }
      if spans, ids { throw ValidationError("--spans and --ids cannot be used together") }
    }

    /// The request; reads the files that the arguments name.
    func request() throws -> ProtoRenderTemplateRequest {
      var request = ProtoRenderTemplateRequest()
      if let model { request.model = model }
      if let template { request.name = template }
      if let profile { request.profile = profile }
      if let source { request.source = try FileInput.readText(source) }
      let file = try given.conversation()
      request.messages = file.messages
      if let tools = file.toolsJSON { request.toolsJson = tools }
      if let variables = file.variables.json { request.variablesJson = variables }
      if let flag = file.addGenerationPrompt { request.addGenerationPrompt = flag }
      if let bos = file.bosToken { request.bosToken = bos }
      if let eos = file.eosToken { request.eosToken = eos }
      if given.ignoreUnused { request.ignoreUnused = true }
      if let system { request.messages.insert(MessageInput.message("system", system), at: 0) }
      if !prompt.isEmpty {
        request.messages.append(MessageInput.message("user", prompt.joined(separator: " ")))
      }
      return request
    }

    func run() async throws {
      let request = try request()
      let response = try await connection.withClient { try await $0.call(TemplatesMethods.render, request) }
      let console = Console.current
      if format.json { return try console.printLine(response.jsonString()) }
      if ids { return try console.print(TokenText.ids(response.tokenIds)) }
      try console.print(spans ? TemplateText.spans(response) : response.text)
    }
  }
}
