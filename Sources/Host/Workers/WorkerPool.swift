/// Hands out workers, and keeps one that refused a file for the next load: it holds nothing, and starting a
/// process takes longer than refusing most files.
actor WorkerPool {
  /// The libraries that workers open, and the deaths they caused.
  nonisolated let plugins: PluginRoster
  private let launcher: any WorkerLauncher
  private var idle: (any Worker)?

  init(launcher: any WorkerLauncher, plugins: PluginRoster) {
    self.launcher = launcher
    self.plugins = plugins
  }

  /// A worker without a model.
  func take() async throws -> any Worker {
    let usable = plugins.usable
    if let worker = idle.take() {
      if worker.isAlive, worker.plugins == usable { return worker }
      worker.terminate()
    }
    return try await launcher.launch(plugins: usable)
  }

  /// Takes back a worker without a model, and keeps it for a while.
  func giveBack(_ worker: any Worker) {
    guard idle == nil else { return worker.terminate() }
    idle = worker
    Task {
      try? await Task.sleep(for: HostLimits.idleWorker)
      end(worker)
    }
  }

  /// Ends the idle worker, if there is one.
  func close() async {
    guard let worker = idle.take() else { return }
    worker.terminate()
    _ = await worker.waitForExit()
  }

  private func end(_ worker: any Worker) {
    guard idle === worker else { return }
    idle = nil
    worker.terminate()
  }
}
