import ProcessStart

/// Bounds on what this program reads, prints and waits for.
enum Limits {
  /// Bytes of a file or of standard input.
  static let inputBytes = 64 << 20
  /// Bytes of one message from the daemon.
  static let responseBytes = 256 << 20
  /// Nesting of a JSON file.
  static let jsonDepth = 200
  /// Columns of a table that is written to a file or a pipe.
  static let pipeColumns = 80
  /// Tokens that `explain` shows without --max-tokens.
  static let explainedTokens: UInt32 = 8
  /// Columns of a stage's name in a table.
  static let stageColumns = 24
  /// Bytes of a model card, and of a checkpoint's configuration file.
  static let cardBytes = 4 << 20
  /// Columns of a line of a model card that is quoted.
  static let quotedColumns = 100
  /// Ways in which one question is asked at the same time.
  static let variants = 8
  /// How long a shell waits for the names that it completes.
  static let completionTimeout = Duration.seconds(1)
  /// What the program needs to start; with less, libraries below it would end the process.
  ///
  /// The address space is that of
  /// the threads' stacks and of one heap.
  static let resources = ResourceNeeds(descriptors: 12, threads: 10, addressSpaceBytes: 96 << 20)
}
