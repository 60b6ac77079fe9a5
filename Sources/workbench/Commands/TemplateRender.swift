import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

extension TemplateCommand {
  /// Prints the prompt that a template makes.
  struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print exactly what a template makes of messages.",
      discussion: """
        The messages come from --input, or are one of the user with PROMPT and one of the system with \
        --system. The JSON file has "messages" and, if wanted, "tools", "add_generation_prompt", "bos_token" \
        and "eos_token"; any other key is a variable of the template. No newline is added at the end.

        Examples:
          workbench template render --template chatml "Hello"
          workbench template render --model smollm --input conversation.json --spans
          workbench template render --source my.jinja --input chat.json > prompt.txt
        """)

    @Argument(help: "A message of the user.")
    var prompt: [String] = []

    @Option(
      name: .shortAndLong, help: "A loaded model: its template, BOS and EOS, and token ids with --ids.",
      completion: Completions.models)
    var model: String?

    @Option(
      name: .shortAndLong, help: "The template (default: the model's).", completion: Completions.templates)
    var template: String?

    @Option(help: "A file with a template's source; - is standard input.", completion: .file())
    var source: String?

    @Option(help: "A JSON file with the messages and variables; - is standard input.", completion: .file())
    var input: String?

    @Option(name: .shortAndLong, help: "A message of the system, before the others.")
    var system: String?

    @Flag(
      inversion: .prefixedNo, exclusivity: .chooseLast,
      help: "Whether the text ends with the head of the assistant's turn (default: it does).")
    var generationPrompt: Bool?

    @Flag(help: "Print where each part of the text comes from.")
    var spans = false

    @Flag(help: "Print the token ids that the model would be fed.")
    var ids = false

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func validate() throws {
      if template != nil, source != nil {
        throw ValidationError("--template and --source exclude each other")
      }
      if source == "-", input == "-" {
        throw ValidationError("only one of --source and --input can be standard input")
      }
      if model == nil, template == nil, source == nil {
        throw ValidationError("say which template: --template, --source, or --model for the model's own")
      }
      if model == nil, ids { throw ValidationError("--ids needs --model") }
      if spans, ids { throw ValidationError("--spans and --ids exclude each other") }
    }

    /// The request that the arguments make; reads the files.
    func request() throws -> ProtoRenderTemplateRequest {
      var request = ProtoRenderTemplateRequest()
      if let model { request.model = model }
      if let template { request.name = template }
      if let source { request.source = try FileInput.readText(source) }
      if let input { try RenderInput.apply(try FileInput.readText(input), to: &request) }
      if let system { request.messages.insert(MessageInput.message("system", system), at: 0) }
      if !prompt.isEmpty {
        request.messages.append(MessageInput.message("user", prompt.joined(separator: " ")))
      }
      if let generationPrompt { request.addGenerationPrompt = generationPrompt }
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
