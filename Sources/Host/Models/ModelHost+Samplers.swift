import Logging
public import Runtime

extension ModelHost {
  /// The sampler presets that a request may name.
  public var samplerPresets: [SamplerPreset] { presets.all }

  /// Applies changes in the folders: an edit that is a preset takes the place of the one before.
  public func takePresets(_ changes: [WatchedFiles.Change]) {
    let stages = pluginStages
    for change in changes {
      switch change {
      case .removed(let name):
        filePresets[name] = nil
        log.info("preset file removed", metadata: ["name": "\(name)"])
      case .refused(_, let path, let why): skip(path, why)
      case .edited(let name, let path, let text):
        do {
          _ = try ModelName.check(name, of: "preset")
          filePresets[name] = try PresetFile.preset(
            name: name, yaml: text, origin: .plugin, pluginStages: stages)
          log.info("preset added", metadata: ["name": "\(name)", "path": "\(path)"])
        } catch {
          skip(path, (error as? WorkbenchError)?.message ?? "\(error)")
        }
      }
    }
    presets = PresetCatalogue(plugins: filePresets.values.sorted { $0.name < $1.name })
  }

  /// The stages of plugins that requests may name.
  var pluginStages: Set<String> {
    let offers = plugins.records.filter(\.isUsable).flatMap(\.offers)
    return Set(offers.filter { $0.kind == "sampler" }.map(\.name))
  }

  /// Logs that a file cannot be used; the preset before stays in use.
  private func skip(_ path: String, _ why: String) {
    log.warning("preset file skipped", metadata: ["path": "\(path)", "why": "\(why)"])
  }
}
