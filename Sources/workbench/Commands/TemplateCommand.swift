import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// The commands about templates.
struct TemplateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Inspect and change the templates that turn messages into prompts.",
    subcommands: [
      List.self, Show.self, Render.self, Check.self, Put.self, Edit.self, Set.self, Diff.self, Rollback.self,
      Remove.self,
    ])

  /// Lists the templates.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the templates.",
      discussion: "With --model, also lists the model's own templates; * marks the one that its chats use.")

    @Option(name: .shortAndLong, help: "Loaded model.", completion: Completions.models)
    var model: String?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let response = try await connection.withClient { try await $0.templates(of: model) }
      try Console.current.print(format.json ? response.jsonString() + "\n" : TemplateText.table(response))
    }
  }

  /// Shows a template's source.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the exact source of a template or of NAME@VERSION.")

    @Argument(help: "Template name.", completion: Completions.templates)
    var name: String

    @Option(
      name: .shortAndLong, help: "Loaded model whose own templates can be named too.",
      completion: Completions.models)
    var model: String?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoGetTemplateRequest()
      request.name = name
      if let model { request.model = model }
      let response = try await connection.withClient { try await $0.call(TemplatesMethods.get, request) }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      try Console.current.print(response.source)
      try Console.current.endText(after: response.source)
    }
  }
}
