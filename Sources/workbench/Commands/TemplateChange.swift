import ArgumentParser
import SwiftProtobuf
import Terminal
import WorkbenchAPI

extension TemplateCommand {
  /// Makes a file the newest version of a template.
  struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a file the newest version of a template.",
      discussion: """
        The daemon compiles and checks the file first. Later requests use the new version; those under way keep the \
        one they started with. A template that cannot render a single user message is refused. The file may begin with front matter: 'description:' and 'stop:' between two '---' lines.

        Examples:
          workbench template put mine mine.jinja
          workbench template put mine mine.jinja --if-version 3
        """)

    @Argument(help: "Template name.", completion: Completions.templates)
    var name: String

    @Argument(help: "File with the source; - is standard input.", completion: .file())
    var file: String

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Fail unless this is still the newest version; 0: unless the name is new.", valueName: "n"),
      transform: NumberArgument.count)
    var ifVersion: UInt32?

    @Flag(help: "Accept a template that compiles but cannot render a single user message.")
    var force = false

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoPutTemplateRequest()
      request.name = name
      request.source = try FileInput.readText(file)
      request.force = force
      if let ifVersion { request.ifVersion = ifVersion }
      let response = try await connection.withClient { try await $0.call(TemplatesMethods.put, request) }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      Console.current.note(TemplateText.findings(TemplateText.serious(response.findings), file: file))
      try Console.current.printLine("\(name) is now version \(response.template.version)")
      Console.current.note(untilRestart: response.untilRestart)
    }
  }

  /// Makes an earlier version the newest one again.
  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an earlier version of a template the newest again.")

    @Argument(help: "Template name.", completion: Completions.templates)
    var name: String

    @Argument(
      help: "Version to go back to (default: the one before the newest).", transform: NumberArgument.count)
    var version: UInt32?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let response = try await connection.withClient { client in
        var get = ProtoGetTemplateRequest()
        get.name = name
        let template = try await client.call(TemplatesMethods.get, get).template
        guard let wanted = version ?? template.versions.dropLast().last else {
          throw ClientError(.refused, "there is no version of '\(name)' before version \(template.version)")
        }
        var put = ProtoPutTemplateRequest()
        put.name = name
        put.version = wanted
        put.ifVersion = template.version
        return (wanted, try await client.call(TemplatesMethods.put, put))
      }
      if format.json { return try Console.current.printLine(response.1.jsonString()) }
      try Console.current.printLine(
        "\(name) is now version \(response.1.template.version), the same as version \(response.0)")
      Console.current.note(untilRestart: response.1.untilRestart)
    }
  }

  /// Removes a template that was put.
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a template that was put; a built-in one of that name becomes visible again.")

    @Argument(help: "Template name.", completion: Completions.templates)
    var name: String

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Fail unless this is still the newest version.", valueName: "n"),
      transform: NumberArgument.count)
    var ifVersion: UInt32?

    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoRemoveTemplateRequest()
      request.name = name
      if let ifVersion { request.ifVersion = ifVersion }
      let response = try await connection.withClient { try await $0.call(TemplatesMethods.remove, request) }
      try Console.current.printLine("removed \(name)")
      Console.current.note(untilRestart: response.untilRestart)
    }
  }

  /// Sets a model's template.
  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the template of a loaded model's chats, from the next request on.",
      discussion: """
        Examples:
          workbench template set smollm mine
          workbench template set smollm mine@2
          workbench template set smollm --own
        """)

    @Argument(help: "Loaded model.", completion: Completions.models)
    var model: String

    @Argument(help: "Template name, or NAME@VERSION.", completion: Completions.templates)
    var name: String?

    @Flag(help: "Go back to the model file's own template.")
    var own = false

    @OptionGroup var connection: Connection

    func validate() throws {
      if (name == nil) != own { throw ValidationError("give either a template or --own") }
    }

    func run() async throws {
      var request = ProtoUpdateModelRequest()
      request.name = model
      request.template = name ?? ""
      let response = try await connection.withClient { try await $0.call(ModelsMethods.update, request) }
      let template = response.model.template
      try Console.current.printLine(
        "\(model) now uses \(template.isEmpty ? "no template" : "template \(template)")")
      Console.current.note(untilRestart: response.untilRestart)
    }
  }
}
