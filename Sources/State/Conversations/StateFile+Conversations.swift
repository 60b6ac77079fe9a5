import GRDB
import Runtime

extension StateFile {
  /// Makes a conversation.
  ///
  /// - Parameter name: Nil: one is made up.
  /// - Throws: `WorkbenchError`: the name is taken, or a limit is reached.
  public func create(
    _ name: String?, _ messages: [StoredMessage], by reach: ConversationReach
  ) async throws -> StoredConversation {
    let now = WallClock.secondsSince1970()
    return try await write { database in
      try ConversationTable(database, now).create(name, owner: reach.owner, messages)
    }
  }

  /// Makes several conversations, or none.
  public func create(
    _ conversations: [(name: String?, messages: [StoredMessage])], by reach: ConversationReach
  ) async throws -> [StoredConversation] {
    let now = WallClock.secondsSince1970()
    return try await write { database in
      let table = ConversationTable(database, now)
      return try conversations.map { try table.create($0.name, owner: reach.owner, $0.messages) }
    }
  }

  /// The conversation of a name or a number.
  ///
  /// - Throws: `WorkbenchError` `.notFound`, also for one that is out of reach.
  public func conversation(
    _ reference: String, in reach: ConversationReach
  ) async throws -> StoredConversation {
    try await read { try ConversationTable($0, 0).find(reference, reach) }
  }

  /// The conversation with so many of its messages, from a position on.
  public func messages(
    of id: Int64, from first: Int = 0, atMost count: Int = .max, change: ConversationChange = .init()
  ) async throws -> (conversation: StoredConversation, messages: [StoredMessage]) {
    try await read { database in
      let table = ConversationTable(database, 0)
      let conversation = try table.get(id)
      let kept = try table.check(change, conversation)
      guard first < kept else { return (conversation, []) }
      return (conversation, try table.messages(of: id, from: first, atMost: min(count, kept - first)))
    }
  }

  /// Adds messages after those that are kept.
  public func append(
    _ messages: [StoredMessage], to id: Int64, _ change: ConversationChange = .init()
  ) async throws -> StoredConversation {
    let now = WallClock.secondsSince1970()
    return try await write { database in
      try ConversationTable(database, now).append(messages, to: id, change)
    }
  }

  /// Makes a conversation of the first messages of another one.
  ///
  /// - Parameter keep: How many; nil: all.
  public func fork(
    _ id: Int64, keep: Int?, name: String?, by reach: ConversationReach
  ) async throws -> StoredConversation {
    let now = WallClock.secondsSince1970()
    return try await write { database in
      let table = ConversationTable(database, now)
      let other = try table.get(id)
      let kept = try table.check(ConversationChange(keep: keep), other)
      let messages = try table.messages(of: id, from: 0, atMost: kept)
      return try table.create(
        name, owner: reach.owner, messages, fork: .init(id: id, messages: kept), keepsTimes: true)
    }
  }

  /// Gives a conversation another name.
  public func rename(_ id: Int64, to name: String, ifVersion: Int?) async throws -> StoredConversation {
    let now = WallClock.secondsSince1970()
    return try await write { database in
      try ConversationTable(database, now).rename(id, to: name, ifVersion: ifVersion)
    }
  }

  /// Deletes a conversation with its messages.
  public func delete(_ id: Int64, ifVersion: Int?) async throws {
    try await write { database in
      let table = ConversationTable(database, 0)
      _ = try table.check(ConversationChange(ifVersion: ifVersion), try table.get(id))
      try database.execute(sql: "DELETE FROM conversation WHERE id = ?", arguments: [id])
    }
  }

  /// The conversations in reach, the one that was changed last first.
  public func conversations(
    in reach: ConversationReach, after cursor: ConversationCursor? = nil, atMost count: Int
  ) async throws -> [StoredConversation] {
    try await read { try ConversationTable($0, 0).list(reach, after: cursor, atMost: count) }
  }
}
