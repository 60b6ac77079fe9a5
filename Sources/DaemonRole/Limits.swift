/// The limits of the daemon's processes, by name.
enum Limits {
  /// Lines and refusals of a child that are told in the log; then only that there are more.
  static let attendedEvents = 1000
  /// Bytes of such a line; a longer one is told in pieces.
  static let outputLineBytes = 4096
}
