import ArgumentParser
import SwiftProtobuf
import Terminal
import WorkbenchAPI

extension TemplateCommand {
  /// Checks a template for mistakes.
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a template for errors and common mistakes.",
      discussion: """
        Finds syntax errors, with line and column; roles that are dropped; turn markers that are not a single token \
        of the model; BOS missing or doubled; an end-of-turn marker that does not stop generation; a space before the \
        answer; and prompts of n turns that are not a prefix of those of n+1. Exits with status 2 if the template \
        cannot be used.

        Examples:
          workbench template check chatml --model smollm
          workbench template check --source mine.jinja
        """)

    @Argument(help: "Template to check (default: the model's).", completion: Completions.templates)
    var name: String?

    @Option(help: "File with the source of a template; - is standard input.", completion: .file())
    var source: String?

    @Option(
      name: .shortAndLong, help: "Loaded model whose vocabulary to check against.",
      completion: Completions.models)
    var model: String?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func validate() throws {
      if name != nil, source != nil {
        throw ValidationError("a template's name cannot be used with --source")
      }
      if name == nil, source == nil, model == nil {
        throw ValidationError("no template: give a name, --source, or --model for the model's own")
      }
    }

    func run() async throws {
      var request = ProtoCheckTemplateRequest()
      if let model { request.model = model }
      if let name { request.name = name }
      if let source { request.source = try FileInput.readText(source) }
      let response = try await connection.withClient { try await $0.call(TemplatesMethods.check, request) }
      let console = Console.current
      if format.json {
        try console.printLine(response.jsonString())
      } else if response.findings.isEmpty {
        try console.printLine("no problems found")
      } else {
        try console.print(TemplateText.findings(response.findings, file: source ?? response.template))
      }
      if response.findings.contains(where: { $0.severity == .error }) {
        throw ExitCode(ExitStatus.usage.rawValue)
      }
    }
  }

  /// Compares two templates, or two versions of one.
  struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the differences between two templates, or versions of one.",
      discussion: """
        With one name, compares its newest version with the one before.

        Examples:
          workbench template diff mine
          workbench template diff mine@1 mine@4
          workbench template diff chatml default --model smollm
        """)

    @Argument(help: "Template name, or NAME@VERSION.", completion: Completions.templates)
    var first: String

    @Argument(help: "Another.", completion: Completions.templates)
    var second: String?

    @Option(
      name: .shortAndLong, help: "Loaded model whose own templates can be named too.",
      completion: Completions.models)
    var model: String?

    @OptionGroup var connection: Connection

    func run() async throws {
      let (old, new) = try await connection.withClient { client in
        let first = try await get(self.first, client)
        if let second { return (first, try await get(second, client)) }
        guard let before = first.template.versions.dropLast().last else {
          throw ClientError(.refused, "'\(self.first)' has only one version; name two templates to compare")
        }
        return (try await get("\(first.template.name)@\(before)", client), first)
      }
      let difference = LineDifference(lines(old), lines(new))
      guard !difference.isEmpty else { return Console.current.note("no difference\n") }
      try Console.current.print("--- \(label(old))\n+++ \(label(new))\n" + difference.text)
    }

    private func get(_ name: String, _ client: Client) async throws -> ProtoGetTemplateResponse {
      var request = ProtoGetTemplateRequest()
      request.name = name
      if let model { request.model = model }
      return try await client.call(TemplatesMethods.get, request)
    }

    private func lines(_ response: ProtoGetTemplateResponse) -> [Substring] {
      response.source.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private func label(_ response: ProtoGetTemplateResponse) -> String {
      "\(response.template.name)@\(response.template.version)"
    }
  }
}
