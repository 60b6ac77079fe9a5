/// The limits of the daemon's listeners and processes, by name.
enum DaemonLimits {
  /// Calls under way over TCP, beside those over the unix socket.
  static let networkCalls = 2048
  /// Bytes that TCP connections may hold in the core's buffers.
  static let networkMemoryBytes = 128 << 20
  /// Lines and refusals of a child that are told in the log; then only that there are more.
  static let attendedEvents = 1000
  /// Bytes of such a line; a longer one is told in pieces.
  static let outputLineBytes = 4096
}
