/// Every number that bounds what this program reads or waits for, by name.
enum Limits {
  /// Bytes of a file or of standard input.
  static let inputBytes = 64 << 20
  /// Bytes of a message that the daemon may send.
  static let responseBytes = 256 << 20
  /// Nesting of a JSON file.
  static let jsonDepth = 200
  /// Columns of a table that goes into a file or a pipe.
  static let pipeColumns = 80
  /// Tokens that `explain` looks at unless told otherwise.
  static let explainedTokens: UInt32 = 8
  /// Columns of a stage's name in a table.
  static let stageColumns = 24
  /// How long a shell waits for names to complete.
  static let completionTimeout = Duration.seconds(1)
}
