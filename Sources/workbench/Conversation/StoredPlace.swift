import Units
import WorkbenchAPI

/// A conversation that the daemon keeps, as this client knows it.
struct StoredPlace: Sendable, Equatable {
  /// Its number.
  var id: String
  /// Its name.
  var name: String
  /// Its version; if somebody else changes it, the daemon refuses the next request.
  var version: UInt64
  /// How many of its messages are the same here.
  var messages: Int

  init(_ conversation: ProtoConversation) {
    id = conversation.id
    name = conversation.name
    version = conversation.version
    messages = Int(conversation.messages)
  }

  /// Its name and length, for a note.
  var title: String { "conversation \(name) (\(counted(messages, "message")))" }
}

extension Conversation {
  /// Takes the place of what was said here.
  mutating func take(_ response: ProtoGetConversationResponse) {
    var all = response.messages.map(\.message)
    stored = StoredPlace(response.conversation)
    system = nil
    question = nil
    if let first = all.first, first == MessageInput.message("system", first.content) {
      system = first.content
      all.removeFirst()
    }
    if all.last?.role == "user" { question = all.popLast() }
    messages = all
  }

  /// Takes what the daemon says of a change; false if it has other messages than there are here.
  mutating func isStored(as finish: ProtoGenerationFinish?) -> Bool {
    let count = saidMessages.count
    guard let finish, finish.hasConversation, Int(finish.conversation.messages) == count else {
      return false
    }
    stored?.version = finish.conversation.version
    stored?.messages = count
    return true
  }
}

extension Client {
  /// A conversation with its messages, once the requests for it that came earlier have ended.
  func storedConversation(_ reference: String) async throws(ClientError) -> ProtoGetConversationResponse {
    var request = ProtoGetConversationRequest()
    request.conversation = reference
    request.settled = true
    return try await call(ConversationsMethods.get, request)
  }

  /// The conversation of that name, which is made if there is none.
  func storedOrNew(_ name: String) async throws(ClientError) -> ProtoGetConversationResponse {
    do throws(ClientError) {
      return try await storedConversation(name)
    } catch {
      guard error.status == .notFound else { throw error }
      return try await newConversation(name)
    }
  }

  /// The caller's own conversation that was changed last; a new one if there is none.
  func lastStoredConversation() async throws(ClientError) -> ProtoGetConversationResponse {
    var request = ProtoListConversationsRequest()
    request.pageSize = 1
    guard let last = try await call(ConversationsMethods.list, request).conversations.first else {
      return try await newConversation(nil)
    }
    return try await storedConversation(last.id)
  }

  private func newConversation(_ name: String?) async throws(ClientError) -> ProtoGetConversationResponse {
    var request = ProtoCreateConversationRequest()
    if let name { request.name = name }
    var response = ProtoGetConversationResponse()
    response.conversation = try await call(ConversationsMethods.create, request).conversation
    return response
  }
}
