import Host
import Logging
import Sampling

/// The plugin libraries, each tried in a process of its own before workers may open it.
struct PluginTrials: DaemonPart {
  let host: ModelHost
  let folders: [PluginFolder]
  let trier: any PluginTrier
  let log: Logger

  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  func start() async throws {
    let stages = Set(SamplerRegistry.builtIn.descriptors.map(\.name))
    let plugins = try await PluginLibraries.tried(in: folders, taken: stages, by: trier, log: log)
    try Task.checkCancellation()
    for plugin in plugins {
      if let refusal = plugin.refusal {
        log.warning("plugin refused", metadata: ["path": "\(plugin.path)", "why": "\(refusal)"])
      } else {
        log.info("plugin accepted", metadata: ["name": "\(plugin.name)", "path": "\(plugin.path)"])
      }
    }
    try await host.usePlugins(plugins)
  }
}
