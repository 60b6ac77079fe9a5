/// Every number that bounds what this program reads or waits for, by name.
enum Limits {
  /// Bytes of a file or of standard input.
  static let inputBytes = 64 << 20
  /// Bytes of a message that the daemon may send.
  static let responseBytes = 256 << 20
  /// Nesting of a JSON file.
  static let jsonDepth = 200
  /// How long a shell waits for names to complete.
  static let completionTimeout = Duration.seconds(1)
}
