/// How a worker divides its work on texts.
enum Limits {
  /// Bytes of a request up to which its text counts as short: some milliseconds of work.
  static let shortTextBytes = 64 << 10
  /// Short texts that are worked on at the same time.
  static let shortTextLanes = 4
  /// Long texts that are worked on at the same time.
  static let longTextLanes = 2
  /// How much long texts give way to other threads: the most there is.
  static let longTextNiceness: Int32 = 19
}
