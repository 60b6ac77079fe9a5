import ArgumentParser
import Glibc
import Testing

@testable import workbench

/// The help is compared character by character with files; run the tests with WORKBENCH_RECORD=1 to write
/// them anew.
@Suite struct HelpTests {
  @Test(
    "The help is what the snapshots say",
    arguments: [
      "workbench", "load", "ps", "show", "chat", "generate", "explain", "tokenize", "template-render",
      "template-check", "template-put", "sampler-list",
    ])
  func help(_ name: String) throws {
    let commands: [String: any ParsableCommand.Type] = [
      "workbench": Workbench.self, "load": Load.self, "ps": ListModels.self, "show": Show.self,
      "chat": Chat.self,
      "generate": Generate.self, "explain": Explain.self, "tokenize": Tokenize.self,
      "template-render": TemplateCommand.Render.self,
      "template-check": TemplateCommand.Check.self, "template-put": TemplateCommand.Put.self,
      "sampler-list": SamplerCommand.List.self,
    ]
    let command = try #require(commands[name])
    let help = Workbench.helpMessage(for: command, columns: 80) + "\n"
    let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let path = "\(folder)/Snapshots/\(name).txt"
    if getenv("WORKBENCH_RECORD") != nil {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      let bytes = Array(help.utf8)
      _ = write(descriptor, bytes, bytes.count)
      close(descriptor)
    }
    #expect(help == Scratch.contents(path))
  }

  @Test("No line of the help is wider than a terminal of 80 columns")
  func width() {
    for line in Workbench.helpMessage(columns: 80).split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
    }
  }
}
