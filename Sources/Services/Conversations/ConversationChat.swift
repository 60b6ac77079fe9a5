import Host
import RPC
import Runtime
import State
import SwiftProtobuf
import WorkbenchAPI
import WorkerProtocol

/// A chat that goes on with a stored conversation.
struct ConversationChat: Sendable {
  let host: ModelHost
  let state: StateFile
  let turns: ConversationTurns
  let access: AccessControl

  func run(
    _ request: ProtoChatRequest, _ context: ServerContext, _ writer: ResponseWriter<RawMessage>
  ) async throws {
    let found = try await state.conversation(
      request.conversation.conversation, in: access.reach(context))
    try await turns.run(found.id) { try await answer(request, in: found.id, writer) }
  }

  private func answer(
    _ request: ProtoChatRequest, in id: Int64, _ writer: ResponseWriter<RawMessage>
  ) async throws {
    let turn = request.conversation
    let change = ConversationChange(
      keep: turn.hasKeep ? Int(turn.keep) : nil,
      ifVersion: turn.hasIfVersion ? Int(clamping: turn.ifVersion) : nil)
    let new = try StoredMessage.all(request.messages)
    let (conversation, stored) = try await state.messages(of: id, change: change)
    var whole = request
    whole.clearConversation()
    whole.messages =
      try stored.enumerated().map {
        try ProtoConversationMessage($1, position: $0, of: conversation).message
      } + request.messages
    let responses = try await host.chat(
      try EncodedMessage(whole), model: request.model,
      template: request.hasTemplate ? .named(request.template) : .modelDefault,
      samplers: SamplerNames(request.options))
    var answer = KeptAnswer()
    do {
      for try await encoded in responses {
        var response = try ProtoGenerationResponse(serializedBytes: encoded.bytes)
        // The prompt has been accepted.
        if !answer.hasBegun, !new.isEmpty || change.keep != nil {
          _ = try await state.append(new, to: id, change)
        }
        answer.add(response)
        guard response.hasFinish else {
          try await writer.send(RawMessage(encoded))
          continue
        }
        let changed = try await state.append([try answer.message()], to: id)
        answer.isKept = true
        response.finish.conversation = ProtoConversationState(changed)
        try await writer.send(RawMessage(EncodedMessage(try response.serializedBytes() as [UInt8])))
      }
      if !answer.isKept { throw WorkbenchError(.unavailable, "the answer broke off") }
    } catch {
      try await keep(answer, endedBy: error, in: id)
      throw error
    }
  }

  /// Keeps the beginning of an answer.
  private func keep(_ answer: KeptAnswer, endedBy error: any Error, in id: Int64) async throws {
    guard !answer.isKept, !answer.text.isEmpty else { return }
    // A stream that is read by a cancelled task just ends.
    let isCancelled =
      Task.isCancelled || error is CancellationError || (error as? RPCError)?.code == .cancelled
    _ = try await state.append(
      [try answer.message(endedBy: isCancelled ? "the client went away" : "\(error)")], to: id)
  }
}

/// An answer as it comes, and how it is kept.
private struct KeptAnswer {
  private(set) var text = ""
  /// Whether anything of it has come.
  private(set) var hasBegun = false
  /// Whether it has been kept.
  var isKept = false
  private var facts = ProtoAnswerFacts()

  mutating func add(_ response: ProtoGenerationResponse) {
    hasBegun = true
    text += response.text
    facts.generatedTokens &+= UInt32(clamping: response.tokens.count)
    if response.hasStart {
      facts.model = response.start.model
      facts.template = response.start.template
      facts.templateVersion = response.start.templateVersion
      facts.profile = response.start.profile
      facts.seed = response.start.seed
    }
    if response.hasFinish {
      facts.reason = response.finish.reason
      facts.rule = response.finish.rule
      facts.generatedTokens = response.finish.generatedTokens
    }
  }

  /// The message to store; `why` if it is only a beginning.
  func message(endedBy why: String? = nil) throws -> StoredMessage {
    var facts = facts
    if let why {
      facts.partial = true
      facts.rule = why
    }
    let message = ProtoMessage.with {
      $0.role = "assistant"
      $0.content = text
    }
    return StoredMessage(message: try message.serializedBytes(), answer: try facts.serializedBytes())
  }
}
