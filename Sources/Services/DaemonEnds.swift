public import Concurrency

/// How API and daemon tell each other of the daemon's end.
public struct DaemonEnds: Sendable {
  /// Raised when a client asks the daemon to end.
  public let drainRequested = Signal()
  /// Raised when the daemon has begun to drain; ends health watches.
  public let drained = Signal()

  /// A daemon that is to go on.
  public init() {}
}
