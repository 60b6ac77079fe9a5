import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

extension ConversationCommand {
  /// Lists the conversations.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the conversations, the one that was changed last first.")

    @Flag(help: "Also those of others; needs the role 'manage'.")
    var everybodys = false

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      try await connection.withClient { client in
        var request = ProtoListConversationsRequest()
        request.everybodys = everybodys
        var found: [ProtoConversation] = []
        repeat {
          let response = try await client.call(ConversationsMethods.list, request)
          if format.json { try Console.current.printLine(response.jsonString()) }
          found += response.conversations
          request.pageToken = response.nextPageToken
        } while !request.pageToken.isEmpty
        if format.json { return }
        try Console.current.print(ConversationText.table(found, owners: everybodys))
      }
    }
  }

  /// Shows a conversation with its messages.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the messages of a conversation, each with its number, role and origin.")

    @OptionGroup var choice: Choice
    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoGetConversationRequest()
      request.conversation = choice.conversation
      let response = try await connection.withClient { try await $0.call(ConversationsMethods.get, request) }
      try Console.current.print(
        format.json ? response.jsonString() + "\n" : ConversationText.messages(response))
    }
  }
}
