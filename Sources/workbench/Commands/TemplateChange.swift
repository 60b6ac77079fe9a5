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
        The daemon compiles and checks it first; requests that come after use it, those under way keep what they \
        started with. The file may begin with front matter: 'description:' and 'stop:' between two lines of '---'.

        Examples:
          workbench template put mine mine.jinja
          workbench template put mine mine.jinja --if-version 3
        """)

    @Argument(help: "The template's name.", completion: Completions.templates)
    var name: String

    @Argument(help: "The file; - is standard input.", completion: .file())
    var file: String

    @Option(
      help: ArgumentHelp("Only if this is the newest version now; 0: only if there is none.", valueName: "n"))
    var ifVersion: UInt32?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoPutTemplateRequest()
      request.name = name
      request.source = try FileInput.readText(file)
      if let ifVersion { request.ifVersion = ifVersion }
      let response = try await connection.withClient { try await $0.call(TemplatesMethods.put, request) }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      Console.current.note(TemplateText.findings(response.findings, file: file))
      try Console.current.printLine("\(name) is version \(response.template.version) now")
    }
  }

  /// Goes back to an earlier version.
  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an earlier version of a template the newest again.")

    @Argument(help: "The template.", completion: Completions.templates)
    var name: String

    @Argument(help: "The version (default: the one before the newest).")
    var version: UInt32?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let response = try await connection.withClient { client in
        var get = ProtoGetTemplateRequest()
        get.name = name
        let template = try await client.call(TemplatesMethods.get, get).template
        guard let wanted = version ?? template.versions.dropLast().last else {
          throw ClientError(.refused, "\(name) has no version before \(template.version)")
        }
        var put = ProtoPutTemplateRequest()
        put.name = name
        put.version = wanted
        put.ifVersion = template.version
        return (wanted, try await client.call(TemplatesMethods.put, put))
      }
      if format.json { return try Console.current.printLine(response.1.jsonString()) }
      try Console.current.printLine(
        "\(name) is version \(response.1.template.version) now, as version \(response.0) was")
    }
  }

  /// Removes what was put.
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove what was put under a name; a shipped template of that name shows again.")

    @Argument(help: "The template.", completion: Completions.templates)
    var name: String

    @Option(help: ArgumentHelp("Only if this is the newest version now.", valueName: "n"))
    var ifVersion: UInt32?

    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoRemoveTemplateRequest()
      request.name = name
      if let ifVersion { request.ifVersion = ifVersion }
      _ = try await connection.withClient { try await $0.call(TemplatesMethods.remove, request) }
      try Console.current.printLine("removed \(name)")
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

    @Argument(help: "The model.", completion: Completions.models)
    var model: String

    @Argument(help: "The template, or template@version.", completion: Completions.templates)
    var name: String?

    @Flag(help: "Back to the checkpoint's own.")
    var own = false

    @OptionGroup var connection: Connection

    func validate() throws {
      if (name == nil) != own { throw ValidationError("name a template, or say --own") }
    }

    func run() async throws {
      var request = ProtoUpdateModelRequest()
      request.name = model
      request.template = name ?? ""
      let response = try await connection.withClient { try await $0.call(ModelsMethods.update, request) }
      let template = response.model.template
      try Console.current.printLine(
        "\(model) uses \(template.isEmpty ? "no template" : "the template \(template)") now")
    }
  }
}
