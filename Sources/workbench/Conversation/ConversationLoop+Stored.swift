import WorkbenchAPI

extension ConversationLoop {
  /// Takes back the last question, in the daemon too.
  mutating func undo() async throws {
    var changed = conversation
    try changed.undo()
    if let stored = changed.stored, stored.messages > changed.kept {
      var request = ProtoAppendMessagesRequest()
      request.conversation = stored.id
      request.keep = UInt32(clamping: changed.kept)
      request.ifVersion = stored.version
      changed.stored = StoredPlace(try await client.call(ConversationsMethods.append, request).conversation)
    }
    conversation = changed
    console.note("took back the last question\n")
  }

  /// Keeps the conversation under a name: as a copy if it is kept under another one.
  mutating func save(_ name: String) async throws {
    if conversation.stored != nil { return try await fork(name) }
    var request = ProtoCreateConversationRequest()
    request.name = name
    request.messages = conversation.saidMessages
    let made = try await client.call(ConversationsMethods.create, request).conversation
    conversation.stored = StoredPlace(made)
    console.note("saved as \(made.name)\n")
  }

  /// Goes on in a copy.
  mutating func fork(_ name: String?) async throws {
    guard let stored = conversation.stored else {
      throw ClientError(.usage, "the conversation is not saved yet", hint: "/save NAME saves it")
    }
    var request = ProtoForkConversationRequest()
    request.conversation = stored.id
    request.keep = UInt32(clamping: conversation.kept)
    if let name { request.name = name }
    let made = try await client.call(ConversationsMethods.fork, request).conversation
    conversation.stored = StoredPlace(made)
    console.note("now in \(made.name), a copy of \(stored.name)\n")
  }
}
