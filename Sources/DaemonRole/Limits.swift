/// The limits of the daemon's listeners.
enum DaemonLimits {
  /// Calls under way over TCP, beside those over the unix socket.
  static let networkCalls = 2048
  /// Bytes that TCP connections may hold in the core's buffers.
  static let networkMemoryBytes = 128 << 20
}
