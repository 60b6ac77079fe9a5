import Host

/// The host itself: the last to end, and every worker with it; not ready before the models of the configuration are.
struct HostLifetime: DaemonPart {
  let host: ModelHost
  let models: [DaemonConfiguration.Model]

  func start() async throws { await host.expect(models.map(\.nameInRequests)) }
  func stop() async { await host.stop() }
}
