/// A conversation as the state file keeps it, without its messages.
public struct StoredConversation: Sendable, Equatable {
  /// A number that no other conversation has or had.
  public var id: Int64
  /// Who made it.
  public var owner: String
  /// Its name, which no other conversation of the same owner has.
  public var name: String
  /// Grows by 1 with each change.
  public var version: Int
  /// Seconds since 1970.
  public var createdAt: Double
  /// Seconds since 1970 of the last change.
  public var changedAt: Double
  /// Number of messages.
  public var messages: Int
  /// Size of the messages in bytes, with what is noted about answers.
  public var bytes: Int
  /// The conversation that it was forked from, and how many of its messages were taken; nil if it was not.
  public var fork: Fork?

  /// Where a conversation was forked from.
  public struct Fork: Sendable, Equatable {
    /// The other conversation, which may have been deleted since.
    public var id: Int64
    /// How many of its messages were taken.
    public var messages: Int
  }
}

/// A message of a conversation in the API's encoding, which the state file does not read.
public struct StoredMessage: Sendable, Equatable {
  /// The message.
  public var message: [UInt8]
  /// How it came about, if it is an answer.
  public var answer: [UInt8]?
  /// Seconds since 1970; set when it is stored.
  public var addedAt = 0.0

  /// A message that is not stored yet.
  public init(message: [UInt8], answer: [UInt8]? = nil) {
    self.message = message
    self.answer = answer
  }

  var bytes: Int { message.count + (answer?.count ?? 0) }
}

/// Whose conversations somebody may see and change.
public struct ConversationReach: Sendable, Equatable {
  /// The caller: what they make is theirs.
  public var owner: String
  /// Whether those of others are in reach too.
  public var isEverybodys: Bool

  /// The reach of a caller.
  public init(owner: String, isEverybodys: Bool) {
    self.owner = owner
    self.isEverybodys = isEverybodys
  }
}

/// Conditions of a change, and what it does to the messages that are there.
public struct ConversationChange: Sendable, Equatable {
  /// The messages to keep, counted from the first, while those after them are dropped; nil: all.
  public var keep: Int?
  /// The version that must be the present one.
  public var ifVersion: Int?

  /// A change without conditions that keeps all messages.
  public init(keep: Int? = nil, ifVersion: Int? = nil) {
    self.keep = keep
    self.ifVersion = ifVersion
  }
}

/// Where the next page of a list begins.
public struct ConversationCursor: Sendable, Equatable {
  /// `changedAt` of the last conversation of the page before.
  public var changedAt: Double
  /// Its number.
  public var id: Int64

  /// The place after a conversation.
  public init(changedAt: Double, id: Int64) {
    self.changedAt = changedAt
    self.id = id
  }
}
