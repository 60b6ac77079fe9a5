import RPC
import Runtime
import State
import SwiftProtobuf
import WorkbenchAPI

/// `workbench.v1.Conversations`.
struct ConversationsService: Sendable {
  let state: StateFile
  let turns: ConversationTurns
  let access: AccessControl

  func register(in routes: inout RouteTable) {
    routes.unary(ConversationsMethods.create) { request, context in
      let made = try await state.create(
        request.hasName ? request.name : nil, StoredMessage.all(request.messages), by: access.reach(context))
      return .with { $0.conversation = ProtoConversation(made) }
    }
    routes.unary(ConversationsMethods.append) { request, context in
      let messages = try StoredMessage.all(request.messages)
      let change = ConversationChange(
        keep: request.hasKeep ? Int(request.keep) : nil,
        ifVersion: request.hasIfVersion ? Int(clamping: request.ifVersion) : nil)
      guard !messages.isEmpty || change.keep != nil else {
        throw WorkbenchError(
          .invalidArgument, "give messages to add, or the number of messages to keep", field: "messages")
      }
      let changed = try await inTurn(request.conversation, context) {
        try await state.append(messages, to: $0.id, change)
      }
      return .with { $0.conversation = ProtoConversation(changed) }
    }
    routes.unary(ConversationsMethods.fork) { request, context in
      let reach = try access.reach(context)
      let made = try await inTurn(request.conversation, context) {
        try await state.fork(
          $0.id, keep: request.hasKeep ? Int(request.keep) : nil, name: request.hasName ? request.name : nil,
          by: reach)
      }
      return .with { $0.conversation = ProtoConversation(made) }
    }
    routes.unary(ConversationsMethods.rename) { request, context in
      let changed = try await inTurn(request.conversation, context) {
        try await state.rename(
          $0.id, to: request.name, ifVersion: request.hasIfVersion ? Int(clamping: request.ifVersion) : nil)
      }
      return .with { $0.conversation = ProtoConversation(changed) }
    }
    routes.unary(ConversationsMethods.delete) { request, context in
      try await inTurn(request.conversation, context) {
        try await state.delete(
          $0.id, ifVersion: request.hasIfVersion ? Int(clamping: request.ifVersion) : nil)
      }
      return ProtoDeleteConversationResponse()
    }
    routes.unary(ConversationsMethods.list) { request, context in try await list(request, context) }
    routes.unary(ConversationsMethods.get) { request, context in try await get(request, context) }
    routes.serverStreaming(ConversationsMethods.export) { request, context, writer in
      try await export(request, context, writer)
    }
    routes.unary(ConversationsMethods.import) { request, context in
      let made = try await state.create(
        ConversationLines.parse(request).map { ($0.name, try StoredMessage.all($0.messages)) },
        by: access.reach(context))
      return .with { $0.conversations = made.map { ProtoConversation($0) } }
    }
  }

  /// Runs `body` on a conversation after the requests for it that came earlier.
  private func inTurn<Value>(
    _ reference: String, _ context: ServerContext, _ body: (StoredConversation) async throws -> Value
  ) async throws -> Value {
    let found = try await state.conversation(reference, in: access.reach(context))
    return try await turns.run(found.id) { try await body(found) }
  }

  private func list(
    _ request: ProtoListConversationsRequest, _ context: ServerContext
  ) async throws -> ProtoListConversationsResponse {
    var reach = try access.reach(context)
    guard reach.isEverybodys || !request.everybodys else {
      throw RPCError(.permissionDenied, "the conversations of others need the role 'manage'")
    }
    reach.isEverybodys = request.everybodys
    guard request.pageSize <= StateLimits.page else {
      throw WorkbenchError(
        .outOfRange, "page_size is \(request.pageSize); it must be at most \(StateLimits.page)",
        field: "page_size")
    }
    let size = request.pageSize == 0 ? 100 : Int(request.pageSize)
    let found = try await state.conversations(
      in: reach, after: ConversationCursor(token: request.pageToken), atMost: size + 1)
    var response = ProtoListConversationsResponse()
    response.conversations = found.prefix(size).map { ProtoConversation($0) }
    if found.count > size, let last = found.prefix(size).last {
      response.nextPageToken = ConversationCursor(changedAt: last.changedAt, id: last.id).token
    }
    return response
  }

  private func get(
    _ request: ProtoGetConversationRequest, _ context: ServerContext
  ) async throws -> ProtoGetConversationResponse {
    let found = try await state.conversation(request.conversation, in: access.reach(context))
    if request.settled { try await turns.run(found.id) {} }
    let (conversation, messages) = try await state.messages(
      of: found.id, from: Int(request.skip), atMost: request.hasLimit ? Int(request.limit) : .max)
    var response = ProtoGetConversationResponse()
    response.conversation = ProtoConversation(conversation)
    response.messages = try messages.enumerated().map {
      try ProtoConversationMessage($1, position: Int(request.skip) + $0, of: conversation)
    }
    return response
  }

  private func export(
    _ request: ProtoExportConversationsRequest, _ context: ServerContext,
    _ writer: ResponseWriter<ProtoExportConversationsResponse>
  ) async throws {
    var reach = try access.reach(context)
    func send(_ id: Int64) async throws {
      let (conversation, stored) = try await state.messages(of: id)
      let messages = try stored.enumerated().map {
        try ProtoConversationMessage($1, position: $0, of: conversation).message
      }
      for line in try ConversationLines.lines(messages, name: conversation.name, request.form) {
        try await writer.send(.with { $0.line = line })
      }
    }
    if request.hasConversation {
      return try await send(state.conversation(request.conversation, in: reach).id)
    }
    guard request.form != .turns else {
      throw WorkbenchError(
        .invalidArgument, "name the conversation: lines of turns do not say which one they belong to",
        field: "conversation")
    }
    reach.isEverybodys = false
    var cursor: ConversationCursor?
    while true {
      let page = try await state.conversations(in: reach, after: cursor, atMost: StateLimits.page)
      for conversation in page { try await send(conversation.id) }
      guard let last = page.last, page.count == StateLimits.page else { return }
      cursor = ConversationCursor(changedAt: last.changedAt, id: last.id)
    }
  }
}
