/// Limits of what the daemon keeps, by name.
public enum StateLimits {
  /// Size of the state file; its log is not counted.
  public static let fileBytes = 1 << 30
  /// The same for state that is kept in memory only.
  public static let memoryBytes = 256 << 20
  /// How long a statement waits for another program that has locked the file.
  static let lockPatience = 5.0
  /// Models for which something is set.
  static let models = 10_000
  /// Conversations of all owners.
  public static let conversations = 50_000
  /// Conversations of one owner.
  public static let ownConversations = 10_000
  /// Messages of one conversation.
  public static let messages = 20_000
  /// Size of the messages of one conversation, with what is noted about answers.
  public static let conversationBytes = 8 << 20
  /// Size of the messages of all conversations of one owner.
  public static let ownBytes = 256 << 20
  /// Length of a conversation's name in bytes.
  public static let nameBytes = 128
  /// Conversations in one page of a list.
  public static let page = 1_000
  /// Damaged files that are kept beside the state file on the same day.
  static let damagedCopies = 100
}
