import Host
import Logging
import Runtime

/// The models that the configuration names, loaded in its order.
struct InitialModels: DaemonPart {
  let host: ModelHost
  let models: [DaemonConfiguration.Model]
  let log: Logger

  /// - Throws: `WorkbenchError` when a model cannot be loaded.
  func start() async throws {
    for model in models {
      log.info("loading model", metadata: ["path": "\(model.source.path)"])
      do {
        _ = try await host.load(
          model.source, name: model.name, template: model.template, preset: model.preset,
          profile: model.profile, isConfigured: true
        ) { _ in }
      } catch let error as WorkbenchError {
        let path = model.source.path
        throw WorkbenchError(
          error.kind, error.message.contains(path) ? error.message : "\(path): \(error.message)")
      }
    }
  }
}
