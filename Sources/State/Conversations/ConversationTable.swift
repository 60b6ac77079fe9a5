import Foundation
import GRDB
import Runtime

/// Conversations and their messages within one transaction.
struct ConversationTable {
  private static let columns =
    "id, owner, name, version, created_at, changed_at, messages, bytes, forked_from, forked_at"
  private let database: Database
  /// Seconds since 1970 of the change.
  private let now: Double

  init(_ database: Database, _ now: Double) {
    self.database = database
    self.now = now
  }

  // MARK: Reading

  func get(_ id: Int64) throws -> StoredConversation {
    let row = try Row.fetchOne(
      database, sql: "SELECT \(Self.columns) FROM conversation WHERE id = ?", arguments: [id])
    guard let row else {
      throw WorkbenchError(.notFound, "the conversation \(id) was deleted", field: "conversation")
    }
    return StoredConversation(row)
  }

  func find(_ reference: String, _ reach: ConversationReach) throws -> StoredConversation {
    let found: [StoredConversation]
    if let id = Int64(reference) {
      found = try fetch("id = ? AND (owner = ? OR ?)", [id, reach.owner, reach.isEverybodys])
    } else {
      let own = try fetch("name = ? AND owner = ?", [reference, reach.owner])
      found = own.isEmpty && reach.isEverybodys ? try fetch("name = ?", [reference]) : own
    }
    guard let first = found.first else {
      throw WorkbenchError(
        .notFound,
        reference.isEmpty
          ? "name a conversation; 'conversation list' lists them"
          : "no conversation is named '\(reference)'; 'conversation list' lists them", field: "conversation")
    }
    guard found.count == 1 else {
      let numbers = found.map { "\($0.id) of '\($0.owner)'" }.joined(separator: ", ")
      throw WorkbenchError(
        .failedPrecondition, "several conversations are named '\(reference)'; give a number: \(numbers)",
        field: "conversation")
    }
    return first
  }

  func list(_ reach: ConversationReach, after cursor: ConversationCursor?, atMost count: Int) throws
    -> [StoredConversation]
  {
    let place = cursor ?? ConversationCursor(changedAt: .greatestFiniteMagnitude, id: .max)
    return try fetch(
      "(owner = ? OR ?) AND (changed_at, id) < (?, ?) ORDER BY changed_at DESC, id DESC LIMIT ?",
      [reach.owner, reach.isEverybodys, place.changedAt, place.id, count])
  }

  func messages(of id: Int64, from first: Int, atMost count: Int) throws -> [StoredMessage] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT message, answer, added_at FROM message WHERE conversation = ? AND position >= ?
        ORDER BY position LIMIT ?
        """, arguments: [id, first, count]
    ).map { row in
      let message: Data = row[0]
      let answer: Data? = row[1]
      var stored = StoredMessage(message: Array(message), answer: answer.map { Array($0) })
      stored.addedAt = row[2]
      return stored
    }
  }

  /// How many messages a change keeps.
  ///
  /// - Throws: `WorkbenchError` when the conversation is not as the change expects it.
  func check(_ change: ConversationChange, _ conversation: StoredConversation) throws -> Int {
    if let version = change.ifVersion, version != conversation.version {
      throw WorkbenchError(
        .failedPrecondition,
        "the version of '\(conversation.name)' is \(conversation.version), not \(version); look at what changed and try "
          + "again", field: "if_version")
    }
    let keep = change.keep ?? conversation.messages
    guard keep >= 0, keep <= conversation.messages else {
      throw WorkbenchError(
        .outOfRange, "'\(conversation.name)' has \(conversation.messages) messages; \(keep) cannot be kept",
        field: "keep")
    }
    return keep
  }

  private func fetch(_ condition: String, _ arguments: StatementArguments) throws -> [StoredConversation] {
    try Row.fetchAll(
      database, sql: "SELECT \(Self.columns) FROM conversation WHERE \(condition)", arguments: arguments
    ).map { StoredConversation($0) }
  }

  // MARK: Changing

  func create(
    _ name: String?, owner: String, _ messages: [StoredMessage], fork: StoredConversation.Fork? = nil,
    keepsTimes: Bool = false
  ) throws -> StoredConversation {
    if let name { try ConversationName.check(name) }
    try checkNumber("SELECT count(*) FROM conversation", [], StateLimits.conversations, "conversations")
    try checkNumber(
      "SELECT count(*) FROM conversation WHERE owner = ?", [owner], StateLimits.ownConversations,
      "conversations of your own")
    let name = try name ?? freeName(owner)
    guard try fetch("name = ? AND owner = ?", [name, owner]).isEmpty else { throw Self.taken(name) }
    try database.execute(
      sql: """
        INSERT INTO conversation (owner, name, version, created_at, changed_at, messages, bytes, forked_from, forked_at)
        VALUES (?, ?, 1, ?, ?, 0, 0, ?, ?)
        """, arguments: [owner, name, now, now, fork?.id, fork?.messages])
    let id = database.lastInsertedRowID
    try insert(messages, into: try get(id), from: 0, bytes: 0, keepsTimes: keepsTimes)
    return try get(id)
  }

  func append(_ messages: [StoredMessage], to id: Int64, _ change: ConversationChange) throws
    -> StoredConversation
  {
    let conversation = try get(id)
    let kept = try check(change, conversation)
    var bytes = conversation.bytes
    if kept < conversation.messages {
      try database.execute(
        sql: "DELETE FROM message WHERE conversation = ? AND position >= ?", arguments: [id, kept])
      bytes =
        try Int.fetchOne(
          database,
          sql: """
            SELECT coalesce(sum(length(message) + coalesce(length(answer), 0)), 0) FROM message WHERE conversation = ?
            """, arguments: [id]) ?? 0
    }
    try insert(messages, into: conversation, from: kept, bytes: bytes, keepsTimes: false)
    try database.execute(
      sql: "UPDATE conversation SET version = version + 1, changed_at = ? WHERE id = ?", arguments: [now, id])
    return try get(id)
  }

  func rename(_ id: Int64, to name: String, ifVersion: Int?) throws -> StoredConversation {
    try ConversationName.check(name)
    let conversation = try get(id)
    _ = try check(ConversationChange(ifVersion: ifVersion), conversation)
    guard try fetch("name = ? AND owner = ? AND id <> ?", [name, conversation.owner, id]).isEmpty else {
      throw Self.taken(name)
    }
    try database.execute(
      sql: "UPDATE conversation SET name = ?, version = version + 1, changed_at = ? WHERE id = ?",
      arguments: [name, now, id])
    return try get(id)
  }

  /// Adds messages from a position on, and notes how many there are now.
  private func insert(
    _ messages: [StoredMessage], into conversation: StoredConversation, from position: Int, bytes: Int,
    keepsTimes: Bool
  ) throws {
    let count = position + messages.count
    guard count <= StateLimits.messages else {
      throw WorkbenchError(
        .resourceExhausted,
        "'\(conversation.name)' would have \(count) messages; the limit is \(StateLimits.messages); fork it at an earlier "
          + "one")
    }
    let total = messages.reduce(bytes) { $0 + $1.bytes }
    guard total <= StateLimits.conversationBytes else {
      throw WorkbenchError(
        .resourceExhausted,
        "'\(conversation.name)' would be larger than \(StateLimits.conversationBytes >> 20) MiB; fork it at an earlier "
          + "message")
    }
    let others =
      try Int.fetchOne(
        database, sql: "SELECT coalesce(sum(bytes), 0) FROM conversation WHERE owner = ? AND id <> ?",
        arguments: [conversation.owner, conversation.id]) ?? 0
    guard others + total <= StateLimits.ownBytes else {
      throw WorkbenchError(
        .resourceExhausted,
        "your conversations would be larger than \(StateLimits.ownBytes >> 20) MiB together; delete some")
    }
    for (index, message) in messages.enumerated() {
      try database.execute(
        sql: """
          INSERT INTO message (conversation, position, message, answer, added_at) VALUES (?, ?, ?, ?, ?)
          """,
        arguments: [
          conversation.id, position + index, Data(message.message), message.answer.map { Data($0) },
          keepsTimes ? message.addedAt : now,
        ])
    }
    try database.execute(
      sql: "UPDATE conversation SET messages = ?, bytes = ? WHERE id = ?",
      arguments: [count, total, conversation.id])
  }

  private func checkNumber(
    _ sql: String, _ arguments: StatementArguments, _ limit: Int, _ what: String
  ) throws {
    guard try Int.fetchOne(database, sql: sql, arguments: arguments) ?? 0 < limit else {
      throw WorkbenchError(.resourceExhausted, "\(limit) \(what) are kept, which is the limit; delete some")
    }
  }

  /// `chat-N` with the first number from the next one on whose name is free.
  private func freeName(_ owner: String) throws -> String {
    var number =
      (try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'conversation'") ?? 0)
      + 1
    while try !fetch("name = ? AND owner = ?", ["chat-\(number)", owner]).isEmpty { number += 1 }
    return "chat-\(number)"
  }

  private static func taken(_ name: String) -> WorkbenchError {
    WorkbenchError(
      .alreadyExists, "a conversation named '\(name)' already exists; choose another name", field: "name")
  }
}

extension StoredConversation {
  fileprivate init(_ row: Row) {
    self.init(
      id: row[0], owner: row[1], name: row[2], version: row[3], createdAt: row[4], changedAt: row[5],
      messages: row[6], bytes: row[7])
    if let id: Int64 = row[8], let messages: Int = row[9] { fork = Fork(id: id, messages: messages) }
  }
}
