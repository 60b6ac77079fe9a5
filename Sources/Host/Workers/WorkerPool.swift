import Logging

/// Hands out workers, and keeps one that refused a file for the next load: it holds nothing, and starting a
/// process takes longer than refusing most files.
actor WorkerPool {
  /// The libraries that workers open, and the deaths they caused.
  nonisolated let plugins: PluginRoster
  private let launcher: any WorkerLauncher
  private var idle: (any Worker)?
  private var isClosed = false
  private let heartbeat: Duration
  private let patience: Duration
  private let log: Logger

  /// - Parameters:
  ///   - heartbeat: How often the beats of a worker are compared.
  ///   - patience: How long an idle worker is kept.
  init(
    launcher: any WorkerLauncher, plugins: PluginRoster, heartbeat: Duration = HostLimits.heartbeat,
    patience: Duration = HostLimits.idleWorker, log: Logger
  ) {
    self.launcher = launcher
    self.plugins = plugins
    self.heartbeat = heartbeat
    self.patience = patience
    self.log = log
  }

  /// A worker without a model.
  func take() async throws -> any Worker {
    let usable = plugins.usable
    if let worker = idle.take() {
      if worker.isAlive, worker.plugins == usable { return worker }
      worker.terminate()
    }
    let worker = try await launcher.launch(plugins: usable)
    watch(worker)
    return worker
  }

  /// Takes back a worker without a model, and keeps it for a while.
  func giveBack(_ worker: any Worker) {
    guard idle == nil, !isClosed else { return worker.terminate() }
    idle = worker
    Task { [patience] in
      try? await Task.sleep(for: patience)
      end(worker)
    }
  }

  /// Ends the idle worker, if there is one, and keeps none from now on.
  func close() async {
    isClosed = true
    await idle.take()?.end()
  }

  /// Ends the worker when it stops, wherever it is by then: with a model, without one or here.
  private func watch(_ worker: any Worker) {
    Task { [heartbeat, log] in
      guard await Heartbeat.stops(worker, every: heartbeat) else { return }
      log.warning("worker stopped; ending it", metadata: ["pid": .stringConvertible(worker.processID)])
      worker.giveUp()
    }
  }

  private func end(_ worker: any Worker) {
    guard idle === worker else { return }
    idle = nil
    worker.terminate()
  }
}
