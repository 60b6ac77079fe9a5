import ArgumentParser
import WorkbenchAPI

/// What a template is given, shared by `chat` and `template render`.
struct TemplateArguments: ParsableArguments {
  @Option(
    name: [.customLong("messages"), .customLong("input")],
    help: ArgumentHelp(
      "JSON file with an array of messages, or an object with messages, tools and variables; - is standard input.",
      valueName: "file"),
    completion: .file())
  var messages: String?

  @Option(
    help: ArgumentHelp("JSON file with an array of tool definitions.", valueName: "file"), completion: .file()
  )
  var tools: String?

  @Option(
    name: .customLong("var"),
    help: ArgumentHelp(
      "Variable of the template, such as enable_thinking=false; may be repeated.", valueName: "name=json"),
    transform: VariableArgument.parse)
  var variables: [VariableArgument] = []

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Whether to end with the start of the assistant's turn (default: yes).")
  var generationPrompt: Bool?

  @Flag(help: "Accept tools and variables that the template never reads.")
  var ignoreUnused = false

  /// What the files and the options say together; an option overrides its key in the file.
  func conversation() throws -> ConversationFile {
    var file = try messages.map { try ConversationFile(try FileInput.readText($0)) } ?? ConversationFile()
    if let tools { file.toolsJSON = try FileInput.readText(tools) }
    for variable in variables { file.variables.set(variable.name, variable.json) }
    if let generationPrompt { file.addGenerationPrompt = generationPrompt }
    return file
  }
}
