import ArgumentParser
import Foundation
import SwiftProtobuf
import Terminal
import WorkbenchAPI

extension TemplateCommand {
  /// Edits a template in the user's editor.
  struct Edit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Edit a template with $VISUAL or $EDITOR, and put the result.",
      discussion: """
        An unchanged text is not put. If the daemon refuses the text, or someone else has changed the template in the \
        meantime, the template stays as it is, and the error names the file in which your text is kept.
        """)

    @Argument(help: "Template name.", completion: Completions.templates)
    var name: String

    @Flag(help: "Accept a template that compiles but cannot render a single user message.")
    var force = false

    @OptionGroup var connection: Connection

    func run() async throws {
      let console = Console.current
      try await connection.withClient { client in
        var get = ProtoGetTemplateRequest()
        get.name = name
        let before = try await client.call(TemplatesMethods.get, get)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
          "\(before.template.name).\(UUID().uuidString).jinja")
        try Data(before.source.utf8).write(to: file, options: .withoutOverwriting)
        try Editor.edit(file.path)
        let text = try FileInput.readText(file.path)
        guard text != before.source else {
          try? FileManager.default.removeItem(at: file)
          return console.note("the template is unchanged\n")
        }
        var put = ProtoPutTemplateRequest()
        put.name = before.template.name
        put.source = text
        put.ifVersion = before.template.version
        put.force = force
        do {
          let response = try await client.call(TemplatesMethods.put, put)
          try? FileManager.default.removeItem(at: file)
          console.note(TemplateText.findings(TemplateText.serious(response.findings), file: name))
          try console.printLine("\(put.name) is version \(response.template.version) now")
        } catch var error as ClientError {
          error.hint =
            "your text is kept in \(file.path); to try again: workbench template put \(put.name) \(file.path)"
          throw error
        }
      }
    }
  }
}

/// The user's editor: $VISUAL, $EDITOR or vi.
enum Editor {
  /// Runs the editor on a file and waits until it exits.
  static func edit(_ path: String) throws {
    let environment = ProcessInfo.processInfo.environment
    let editor = environment["VISUAL"] ?? environment["EDITOR"] ?? "vi"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // The variable may hold arguments, as in "code --wait".
    process.arguments = ["-c", "\(editor) \"$1\"", "sh", path]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ClientError(
        .failure,
        "the editor '\(editor)' exited with status \(process.terminationStatus); the template is unchanged")
    }
  }
}
