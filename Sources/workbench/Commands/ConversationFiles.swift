import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// The form of exported and imported conversations.
enum ConversationFormArgument {
  /// The form of a name.
  static func parse(_ text: String) throws -> ProtoConversationForm {
    switch text {
    case "messages": return .messages
    case "turns": return .turns
    default: throw ValidationError("'\(text)' is not a form; the forms are messages and turns")
    }
  }
}

extension ConversationCommand {
  /// Writes conversations as lines of JSON.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a conversation, or all of your own, as lines of JSON.",
      discussion: """
        The form 'messages' is a conversation a line: {"messages": [{"role": ..., "content": ...}, ...], "name": ...}. \
        The form 'turns' is a turn a line: {"prompt": ..., "answer": ...}; the first line also has the system message, \
        if there is one.

        Examples:
          workbench conversation export trip --form turns > trip.jsonl
          workbench conversation export --all > conversations.jsonl
        """)

    @Argument(help: "Name or number of the conversation.", completion: Completions.conversations)
    var conversation: String?

    @Flag(help: "Export every conversation of your own.")
    var all = false

    @Option(
      help: "Form of the lines: messages or turns (default: messages).",
      completion: .list(["messages", "turns"]),
      transform: ConversationFormArgument.parse)
    var form: ProtoConversationForm?

    @OptionGroup var connection: Connection

    func validate() throws {
      if (conversation == nil) != all { throw ValidationError("give either a conversation or --all") }
    }

    func run() async throws {
      var request = ProtoExportConversationsRequest()
      if let conversation { request.conversation = conversation }
      if let form { request.form = form }
      try await connection.withClient { client in
        try await client.stream(ConversationsMethods.export, request) {
          try Console.current.printLine($0.line)
        }
      }
    }
  }

  /// Makes conversations from lines of JSON.
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make conversations from lines of JSON.",
      discussion: """
        The lines are of either form that 'conversation export' prints. A file of turns is one conversation; in the other \
        form each line is one. If a line cannot be read, no conversation is made.

        Examples:
          workbench conversation import SynthIA-7B-conversations.jsonl --name synthia
          workbench conversation import conversations.jsonl
        """)

    @Argument(help: "File with the lines; - is standard input.", completion: .file())
    var file: String

    @Option(help: "Name of the conversation, if the file has only one.")
    var name: String?

    @Option(
      help: "Form of the lines: messages or turns (default: as the first line shows).",
      completion: .list(["messages", "turns"]), transform: ConversationFormArgument.parse)
    var form: ProtoConversationForm?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoImportConversationsRequest()
      request.lines = try FileInput.readText(file)
      if let name { request.name = name }
      if let form { request.form = form }
      let response = try await connection.withClient {
        try await $0.call(ConversationsMethods.import, request)
      }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      for conversation in response.conversations {
        try Console.current.printLine("created \(ConversationText.title(conversation))")
      }
    }
  }
}
