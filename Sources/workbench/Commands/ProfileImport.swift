import ArgumentParser
import Files
import Terminal

/// Proposes a profile from a model card.
struct ProfileImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Propose a profile from a model card.",
    discussion: """
      Reads the card's code and text, and the configuration files in DIR (generation_config.json, \
      tokenizer_config.json, chat_template.jinja), and prints a profile. Above each value is the line that it came \
      from: look at them before you use the profile. Needs no daemon.

      Examples:
        workbench profile import README.md
        workbench profile import mistral/README.md mistral --output mine.profile.yaml
      """)

  @Argument(help: "Model card, a Markdown file.", completion: .file(extensions: ["md"]))
  var card: String

  @Argument(
    help: ArgumentHelp("Folder with the checkpoint's configuration files.", valueName: "dir"),
    completion: .directory)
  var folder: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the profile to this new file.", valueName: "file"), completion: .file())
  var output: String?

  @Flag(help: "Print the values with their lines as JSON.")
  var json = false

  @OptionGroup var connection: Connection

  func run() async throws {
    let name = String(card.split(separator: "/").last ?? "")
    let reader = CardReader(CardFile(markdown: try CardInput.text(card), name: name))
    let profile = try ProposedProfile(
      card: reader, files: try folder.map { (folder) throws(ClientError) in try CheckpointFiles(folder) },
      name: card)
    let console = Console.current
    if let output {
      try Self.write(profile.yaml, to: output)
      console.note("wrote \(output); in a plugin folder of the daemon it is a profile\n")
      if !json { return }
    }
    try console.print(json ? profile.json + "\n" : profile.yaml)
  }

  /// Writes a new file, which is there whole or not at all; never over one that exists.
  private static func write(_ text: String, to path: String) throws(ClientError) {
    do throws(FileError) {
      let file = try NewFile(path: path, replacing: false)
      try file.write(Array(text.utf8))
      try file.complete()
    } catch {
      guard error.kind != .exists else {
        throw ClientError(.usage, "'\(path)' exists; remove it, or give another name")
      }
      throw ClientError(.failure, error.message)
    }
  }
}
