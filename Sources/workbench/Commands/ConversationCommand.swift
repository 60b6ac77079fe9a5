import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// The commands about conversations that the daemon keeps.
struct ConversationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conversation",
    abstract: "Create, list and change the conversations that the daemon keeps; export and import them.",
    discussion: """
      A conversation is named by its name or its number. 'workbench chat --continue' continues one.
      """,
    subcommands: [
      Create.self, Append.self, Fork.self, Rename.self, List.self, Show.self, Delete.self, Export.self,
      Import.self,
    ])

  /// Which conversation.
  struct Choice: ParsableArguments {
    @Argument(help: "Name or number of the conversation.", completion: Completions.conversations)
    var conversation: String
  }

  /// A condition on the version of a conversation.
  struct Condition: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Fail unless this is still its version.", valueName: "n"),
      transform: NumberArgument.count)
    var ifVersion: UInt32?
  }

  /// Makes a conversation.
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Begin a conversation.",
      discussion: """
        Examples:
          workbench conversation create trip --system "You know Japan well."
          workbench conversation create trip --messages messages.json
        """)

    @Argument(help: "Name of the conversation (default: a new one, chat-N).")
    var name: String?

    @Option(name: .shortAndLong, parsing: .unconditional, help: "System message, placed first.")
    var system: String?

    @Option(
      help: ArgumentHelp("JSON file with an array of messages; - is standard input.", valueName: "file"),
      completion: .file())
    var messages: String?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoCreateConversationRequest()
      if let name { request.name = name }
      if let system { request.messages.append(MessageInput.message("system", system)) }
      if let messages { request.messages += try ConversationFile.messages(messages) }
      let response = try await connection.withClient {
        try await $0.call(ConversationsMethods.create, request)
      }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      try Console.current.printLine("created \(ConversationText.title(response.conversation))")
    }
  }

  /// Adds messages.
  struct Append: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add messages to a conversation, or drop the last ones.",
      discussion: """
        Examples:
          workbench conversation append trip --role user "And in June?"
          workbench conversation append trip --messages messages.json
          workbench conversation append trip --keep 4
        """)

    @OptionGroup var choice: Choice

    @Argument(help: "Text of the message; several words are joined with spaces.")
    var words: [String] = []

    @Option(help: "Role of the message (default: user).")
    var role: String?

    @Option(
      help: ArgumentHelp("JSON file with an array of messages; - is standard input.", valueName: "file"),
      completion: .file())
    var messages: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Messages to keep before the new ones; those after them are dropped.", valueName: "n"),
      transform: NumberArgument.count)
    var keep: UInt32?

    @OptionGroup var condition: Condition
    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func validate() throws {
      if !words.isEmpty, messages != nil { throw ValidationError("give either a text or --messages") }
      if words.isEmpty, messages == nil, keep == nil {
        throw ValidationError("give a text, --messages or --keep")
      }
    }

    func run() async throws {
      var request = ProtoAppendMessagesRequest()
      request.conversation = choice.conversation
      if !words.isEmpty {
        request.messages = [MessageInput.message(role ?? "user", words.joined(separator: " "))]
      }
      if let messages { request.messages = try ConversationFile.messages(messages) }
      if let keep { request.keep = keep }
      if let version = condition.ifVersion { request.ifVersion = UInt64(version) }
      let response = try await connection.withClient {
        try await $0.call(ConversationsMethods.append, request)
      }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      try Console.current.printLine(ConversationText.title(response.conversation))
    }
  }

  /// Copies the beginning of a conversation.
  struct Fork: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Begin a conversation with the first messages of another one.",
      discussion: """
        Examples:
          workbench conversation fork trip may --keep 3
        """)

    @OptionGroup var choice: Choice

    @Argument(help: "Name of the new conversation (default: a new one, chat-N).")
    var name: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Messages to take (default: all).", valueName: "n"), transform: NumberArgument.count)
    var keep: UInt32?

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoForkConversationRequest()
      request.conversation = choice.conversation
      if let name { request.name = name }
      if let keep { request.keep = keep }
      let response = try await connection.withClient { try await $0.call(ConversationsMethods.fork, request) }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      try Console.current.printLine("created \(ConversationText.title(response.conversation))")
    }
  }

  /// Gives a conversation another name.
  struct Rename: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give a conversation another name.")

    @OptionGroup var choice: Choice

    @Argument(help: "New name.")
    var name: String

    @OptionGroup var condition: Condition
    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoRenameConversationRequest()
      request.conversation = choice.conversation
      request.name = name
      if let version = condition.ifVersion { request.ifVersion = UInt64(version) }
      let response = try await connection.withClient {
        try await $0.call(ConversationsMethods.rename, request)
      }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      try Console.current.printLine("\(choice.conversation) is now \(response.conversation.name)")
    }
  }

  /// Removes a conversation.
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Delete a conversation.")

    @OptionGroup var choice: Choice
    @OptionGroup var condition: Condition
    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoDeleteConversationRequest()
      request.conversation = choice.conversation
      if let version = condition.ifVersion { request.ifVersion = UInt64(version) }
      let response = try await connection.withClient {
        try await $0.call(ConversationsMethods.delete, request)
      }
      if format.json { return try Console.current.printLine(response.jsonString()) }
      try Console.current.printLine("deleted \(choice.conversation)")
    }
  }
}

extension ConversationFile {
  /// The messages of a file that has nothing else.
  static func messages(_ path: String) throws -> [ProtoMessage] {
    let file = try ConversationFile(try FileInput.readText(path))
    var rest = file
    rest.messages = []
    guard rest.isEmpty else {
      throw ClientError(
        .usage, "a conversation of the daemon keeps messages only",
        hint: "remove tools and variables from '\(path)', and give them to 'workbench chat'")
    }
    return file.messages
  }

  private var isEmpty: Bool {
    messages.isEmpty && toolsJSON == nil && addGenerationPrompt == nil && bosToken == nil && eosToken == nil
      && variables.json == nil
  }
}
