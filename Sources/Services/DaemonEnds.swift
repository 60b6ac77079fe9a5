public import Concurrency

/// Signals between the API and the daemon about shutting down.
public struct DaemonEnds: Sendable {
  /// Raised when a client asks the daemon to shut down.
  public let drainRequested = Signal()

  /// Signals of which none is raised.
  public init() {}
}
