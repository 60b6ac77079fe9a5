/// How long a host waits for what may take its time.
public struct HostPatience: Sendable {
  /// For a worker's figures, before older ones are reported.
  public var status = HostLimits.statusPatience
  /// For the next load, before a worker that refused a file is ended.
  public var idleWorker = HostLimits.idleWorker

  /// The times that the limits name.
  public init() {}
}
