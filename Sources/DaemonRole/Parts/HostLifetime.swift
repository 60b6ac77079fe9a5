import Host

/// The host itself: the last to end, and every worker with it.
struct HostLifetime: DaemonPart {
  let host: ModelHost

  func start() async throws {}
  func stop() async { await host.stop() }
}
