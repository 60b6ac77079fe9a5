/// How a worker divides its work on texts.
enum Limits {
  /// Bytes of a request up to which its text counts as short: some milliseconds of work.
  static let shortTextBytes = 64 << 10
  /// Short texts that are worked on at the same time.
  static let shortTextLanes = 4
  /// Long texts that are worked on at the same time.
  static let longTextLanes = 2
  /// How long work on a text keeps its place when another client is waiting for one.
  static let textSlice: Duration = .milliseconds(10)
  /// Bytes of the end tokens, and of what was set aside, in the description of a model: a list of all models must fit
  /// one message.
  static let describedBytes = 8 << 10
  /// Tokens of an answer that are encoded at a time.
  static let tokensAtATime = 1 << 12
  /// How much long texts give way to other threads: the most there is.
  static let longTextNiceness: Int32 = 19
}
