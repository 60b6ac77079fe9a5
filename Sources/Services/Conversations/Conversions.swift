import Foundation
import Runtime
import State
import SwiftProtobuf
import WorkbenchAPI

extension ProtoConversation {
  init(_ stored: StoredConversation) {
    self.init()
    id = "\(stored.id)"
    name = stored.name
    owner = stored.owner
    version = UInt64(clamping: stored.version)
    createdAt = Google_Protobuf_Timestamp(roundingTimeIntervalSince1970: stored.createdAt)
    changedAt = Google_Protobuf_Timestamp(roundingTimeIntervalSince1970: stored.changedAt)
    messages = UInt32(clamping: stored.messages)
    bytes = UInt64(clamping: stored.bytes)
    if let fork = stored.fork {
      forkedFrom = "\(fork.id)"
      forkedAt = UInt32(clamping: fork.messages)
    }
  }
}

extension ProtoConversationState {
  init(_ stored: StoredConversation) {
    self.init()
    id = "\(stored.id)"
    name = stored.name
    version = UInt64(clamping: stored.version)
    messages = UInt32(clamping: stored.messages)
  }
}

extension ProtoConversationMessage {
  /// A stored message.
  ///
  /// - Parameters:
  ///   - position: Its position in the conversation, for the error.
  /// - Throws: `WorkbenchError` `.dataLoss` when it cannot be read.
  init(_ stored: StoredMessage, position: Int, of conversation: StoredConversation) throws {
    self.init()
    do {
      message = try ProtoMessage(serializedBytes: stored.message)
      if let bytes = stored.answer { answer = try ProtoAnswerFacts(serializedBytes: bytes) }
    } catch {
      throw WorkbenchError(
        .dataLoss,
        "message \(position + 1) of '\(conversation.name)' cannot be read; the ones before it can be forked or exported "
          + "with a limit", field: "conversation")
    }
    addedAt = Google_Protobuf_Timestamp(roundingTimeIntervalSince1970: stored.addedAt)
  }
}

extension StoredMessage {
  /// A message of a request.
  ///
  /// - Throws: `WorkbenchError` naming the field.
  init(_ message: ProtoMessage, field: String) throws {
    guard !message.role.isEmpty else {
      throw WorkbenchError(
        .invalidArgument, "give the role: system, user, assistant, ...", field: "\(field).role")
    }
    self.init(message: try message.serializedBytes())
  }

  /// The messages of a request.
  static func all(_ messages: [ProtoMessage], field: String = "messages") throws -> [StoredMessage] {
    try messages.enumerated().map { try StoredMessage($1, field: "\(field)[\($0)]") }
  }
}

extension ConversationCursor {
  var token: String { "\(changedAt.bitPattern)-\(id)" }

  /// - Throws: `WorkbenchError` for a text that is not the token of a page.
  init?(token: String) throws {
    if token.isEmpty { return nil }
    let parts = token.split(separator: "-", maxSplits: 1)
    guard parts.count == 2, let bits = UInt64(parts[0]), let id = Int64(parts[1]) else {
      throw WorkbenchError(
        .invalidArgument, "page_token must be the next_page_token of an earlier response", field: "page_token"
      )
    }
    self.init(changedAt: Double(bitPattern: bits), id: id)
  }
}
